//! Exclusions: edited, listed, and resolved into what requests are compared with.

use utm_dispatcher::message::{Event, Message, Owner, Received};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::exclusion::NewExclusion;
use utm_dispatcher::model::visitor::VisitorKey;
use utm_dispatcher::model::{ExclusionKind, NewAction, PaymentStatus, Role};
use utm_dispatcher::store::{Applied, Credentials};
use utm_dispatcher::tracking::exclusion::checked;
use utm_dispatcher::tracking::{Exclusions, LiveExclusions};

use crate::world::{MINUTE, NOON, World, hit, key, on_both, order, page_view};

on_both!(
    exclusions_are_added_once_switched_and_deleted,
    what_is_switched_on_holds,
    sessions_and_codes_of_who_is_left_out_are_too,
);

mod cases {
    use super::*;

    pub async fn exclusions_are_added_once_switched_and_deleted(world: World) {
        let store = &world.store;
        let office = checked("address", "203.0.113.7/24", "office").unwrap();
        assert!(store.add_exclusion(&office, "olena@shop.test", NOON).await.unwrap());
        assert!(!store.add_exclusion(&office, "other@shop.test", NOON).await.unwrap());
        let test = checked("path", "/тест'; drop table exclusion; --", "").unwrap();
        assert!(store.add_exclusion(&test, "olena@shop.test", NOON + MINUTE).await.unwrap());

        let listed = store.exclusions().await.unwrap();
        let shown: Vec<_> = listed.iter().map(|one| (one.kind, one.value.as_str(), one.note.as_str())).collect();
        assert_eq!(
            shown,
            [
                (ExclusionKind::Path, "/тест'; drop table exclusion; --", ""),
                (ExclusionKind::Address, "203.0.113.0/24", "office")
            ]
        );
        let office = &listed[1];
        assert_eq!((office.is_active, office.created_at, office.created_by.as_str()), (true, NOON, "olena@shop.test"));

        assert!(store.switch_exclusion(office.id, false).await.unwrap());
        assert!(!store.exclusions().await.unwrap()[1].is_active);
        assert!(store.delete_exclusion(office.id).await.unwrap());
        assert!(!store.delete_exclusion(office.id).await.unwrap());
        assert!(!store.switch_exclusion(office.id, true).await.unwrap());
        assert_eq!(store.exclusions().await.unwrap().len(), 1);
    }

    pub async fn what_is_switched_on_holds(world: World) {
        let store = &world.store;
        store.ingest(&[page_view(&hit("anna", "google", ""), NOON)]).await.unwrap();
        let anna = world.number("select id from visitor").await.to_string();
        store.add_user("olena@shop.test", Role::Admin, "hash", NOON).await.unwrap();
        let olena: Credentials = store.credentials("olena@shop.test").await.unwrap().unwrap();
        for (secret, ends) in [("over", NOON + MINUTE), ("open", NOON + 10 * MINUTE)] {
            assert!(store.add_login(&olena, secret, NOON, ends).await.unwrap());
        }
        let (other, dated) = ("c0123456789abcdef0123456789abcdef", "ct0123456789abcdef0123456789abcdef");
        let cases = [
            ("address", "2001:db8::7"),
            ("address", "10.1.2.3/8"),
            ("user_agent", "ShopCheck"),
            ("path", "/test"),
            ("visitor", anna.as_str()),
            ("visitor", other),
            ("visitor", dated),
            ("login", "Olena@shop.test"),
            ("login", "nobody@shop.test"),
        ];
        for (kind, value) in cases {
            assert!(store.add_exclusion(&checked(kind, value, "").unwrap(), "x@shop.test", NOON).await.unwrap());
        }
        let live = LiveExclusions::default();
        store.load_exclusions(&live, NOON + 5 * MINUTE).await.unwrap();
        let expected = Exclusions {
            addresses: vec!["2001:db8::7/128".parse().unwrap(), "10.0.0.0/8".parse().unwrap()],
            visitors: [key("anna"), VisitorKey(other.into()), VisitorKey(dated.into())].into(),
            agents: vec!["shopcheck".into()],
            paths: vec!["/test".into()],
            logins: ["open".to_owned()].into(),
        };
        assert_eq!(*live.now(), expected);

        // Another process edits; this one reads again.
        let elsewhere = world.another_process(50_000).await;
        for exclusion in elsewhere.exclusions().await.unwrap() {
            elsewhere.switch_exclusion(exclusion.id, false).await.unwrap();
        }
        assert_eq!(*live.now(), expected);
        store.load_exclusions(&live, NOON).await.unwrap();
        assert_eq!(*live.now(), Exclusions::default());
    }

    pub async fn sessions_and_codes_of_who_is_left_out_are_too(world: World) {
        let store = &world.store;
        let mut owners = Vec::new();
        for who in ["anna", "olena", "petro"] {
            let hit = hit(who, "google", "");
            store.ingest(&[page_view(&hit, NOON)]).await.unwrap();
            let code = store.session_code(&hit.visitor, NOON).await.unwrap().unwrap();
            let session = world.number("select max(id) from session").await.to_string();
            owners.push((Owner::Session(session), Owner::Code(code.as_str().to_owned())));
        }
        // One by their id, one by a key.
        let anna = world.number("select min(id) from visitor").await.to_string();
        let olena = key("olena").0;
        let excluded =
            |value: &str| NewExclusion { kind: ExclusionKind::Visitor, value: value.into(), note: String::new() };
        for value in [anna.as_str(), &olena] {
            assert!(store.add_exclusion(&excluded(value), "x@shop.test", NOON).await.unwrap());
        }
        let tell = async |round: &str| {
            let mut answers = Vec::new();
            for (number, (session, code)) in owners.iter().enumerate() {
                let action = NewAction::new(ActionKind::Click);
                let event = Event { id: format!("e{round}{number}"), owner: session.clone(), at: NOON + 1, action };
                let order = |name: &str, owner: &Owner| Message::Order {
                    order: order(&format!("{name}{round}{number}"), NOON + 1, PaymentStatus::Paid),
                    owner: owner.clone(),
                };
                let told = [Message::Events(vec![event]), order("S", session), order("C", code)];
                let told = told.map(|message| Received { message, at: NOON + 1 });
                answers.push(store.apply(&told).await.unwrap().remove(0).unwrap());
            }
            answers
        };
        let (dropped, stored) = ([0, 0, 1], [1, 0, 0]);
        let events = |[stored, duplicate, dropped]: [usize; 3]| Applied::Events { stored, duplicate, dropped };
        assert_eq!(tell("a").await, [dropped, dropped, stored].map(events));
        // The sales are sales, but nobody's.
        assert_eq!(world.number("select count(*) from orders").await, 6);
        assert_eq!(world.number("select count(*) from orders where session_id is not null").await, 2);
        for one in store.exclusions().await.unwrap() {
            assert!(store.switch_exclusion(one.id, false).await.unwrap());
        }
        assert_eq!(tell("b").await, [stored; 3].map(events));
        assert_eq!(world.number("select count(*) from orders where session_id is not null").await, 2 + 6);
    }
}
