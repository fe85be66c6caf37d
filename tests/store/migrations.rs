//! Migrations that make tables anew: what they held is what they hold.

use sqlx::{Connection, SqliteConnection};
use utm_dispatcher::message::{Message, Owner, Received};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::{NewAction, PaymentStatus};

use crate::world::{MINUTE, NOON, World, fact, hit, key, order, page_view};

/// What the tables of one tree each hold, row by row.
async fn rows(world: &World) -> Vec<String> {
    let mut rows = Vec::new();
    let tables = "touch client place page visitor visitor_key session_visitor action session_key action_key change";
    for table in tables.split(' ') {
        let columns = world.texts(&format!("select name from pragma_table_info('{table}') order by name")).await;
        let sql = format!("select '{table} ' || json_array({}) as row from {table} order by row", columns.join(", "));
        rows.extend(world.texts(&sql).await);
    }
    rows
}

#[tokio::test]
async fn sqlites_tables_of_one_tree_hold_what_they_held_in_two() {
    let world = World::sqlite_of(async |url| {
        let mut connection = SqliteConnection::connect_with(&url.parse().unwrap()).await.unwrap();
        sqlx::migrate!("./migrations").run(&mut connection).await.unwrap();
    })
    .await;
    let (anna, store) = (hit("anna", "facebook", "winter"), &world.store);
    let actions = [ActionKind::Registration, ActionKind::Search].map(NewAction::new);
    let mut facts = vec![page_view(&anna, NOON), page_view(&hit("olha", "", ""), NOON + 1)];
    facts.extend(actions.map(|action| fact(&anna, NOON + MINUTE, action)));
    store.ingest(&facts).await.unwrap();
    let paid =
        Message::Order { order: order("TWC1", NOON + 2 * MINUTE, PaymentStatus::Paid), owner: Owner::Key(key("anna")) };
    let told = store.apply(&[Received { message: paid, at: NOON + 2 * MINUTE }]).await.unwrap();
    assert!(told[0].is_ok());
    world.run("insert into action_key values (7); insert into session_key values (8, 9)").await;

    let before = rows(&world).await;
    assert!(before.len() > 15, "{before:#?}");
    store.migrate().await.unwrap();
    assert_eq!(rows(&world).await, before);
    assert_eq!(world.texts("select \"table\" from pragma_foreign_key_check").await, Vec::<String>::new());
    let twice = "select name from sqlite_master where name like 'sqlite_autoindex_%' and tbl_name in \
                 ('touch', 'client', 'place', 'page', 'visitor', 'session_visitor', 'session_key', 'action_key', 'change')";
    assert_eq!(world.texts(twice).await, Vec::<String>::new());

    // The same store goes on.
    store.ingest(&[page_view(&anna, NOON + 3 * MINUTE)]).await.unwrap();
    assert_eq!(world.number("select count(*) from visitor").await, 2);
    assert_eq!(world.number("select count(*) from action where kind = 'page_view'").await, 3);
}
