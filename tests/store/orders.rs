//! Orders: merged by the rule, counted with their session, taken back when they fall.

use crate::world::on_both;

on_both!(
    a_paid_order_is_one_purchase,
    fault_e2_prepaid_then_paid_upgrades_the_session,
    cancelling_takes_everything_back,
    refunds_stay_revenue_less_what_went_back,
    fault_e7_a_late_message_undoes_no_payment,
    an_order_of_nobody_finds_its_buyer_later,
    a_sale_is_no_bounce,
    processes_that_mint_the_same_id_store_two_orders,
    an_order_of_nobody_is_kept_and_counted_nowhere,
    a_thousand_parallel_messages_make_one_order,
    bad_orders_are_refused_by_field,
);

mod cases {
    use utm_dispatcher::model::order::{BadOrder, Conversion};
    use utm_dispatcher::model::{Money, OrderMessage, OrderStatus, PaymentStatus, Period};
    use utm_dispatcher::report::{Metric, Report, ReportQuery, Table, Value};
    use utm_dispatcher::store::{Applied, Store, StoreError};

    use crate::world::{MINUTE, NOON, World, hit, key, order, page_view};

    async fn visit(store: &Store) {
        store.ingest(&[page_view(&hit("anna", "instagram", ""), NOON)]).await.unwrap();
    }

    async fn apply(store: &Store, message: OrderMessage) -> Applied {
        store.apply_order(message, Some(&key("anna")), NOON + 5 * MINUTE).await.unwrap()
    }

    async fn figures(store: &Store) -> [i64; 5] {
        let table: Table = store.report(&ReportQuery::new(Report::General, Period::AllTime), NOON).await.unwrap();
        let whole = |metric| match table.total(metric) {
            Value::Whole(whole) => *whole,
            other => panic!("{metric}: {other:?}"),
        };
        // The page view has earned a point.
        [
            whole(Metric::Sessions),
            whole(Metric::Conversions),
            whole(Metric::Revenue),
            whole(Metric::Visitors),
            whole(Metric::Points) - 1,
        ]
    }

    pub async fn a_paid_order_is_one_purchase(World { store, .. }: World) {
        visit(&store).await;
        assert_eq!(apply(&store, order("N1", NOON + 1, PaymentStatus::Unpaid)).await, Applied::Created);
        assert_eq!(figures(&store).await, [1, 0, 0, 1, 0]);
        assert_eq!(apply(&store, order("N1", NOON + 1, PaymentStatus::Paid)).await, Applied::Merged);
        assert_eq!(apply(&store, order("N1", NOON + 1, PaymentStatus::Paid)).await, Applied::Ignored, "nothing new");
        assert_eq!(figures(&store).await, [1, 1, 149_900, 1, 114]);
        let rows = store.sessions(Period::AllTime, 10, NOON).await.unwrap();
        assert_eq!(rows[0].conversion, Some(Conversion::Purchase));
        assert_eq!(rows[0].converted_at, Some(NOON + 5 * MINUTE));
    }

    pub async fn fault_e2_prepaid_then_paid_upgrades_the_session(World { store, .. }: World) {
        visit(&store).await;
        let prepaid = OrderMessage { pay_type: "prepay_200".into(), ..order("N1", NOON + 1, PaymentStatus::Prepaid) };
        apply(&store, prepaid.clone()).await;
        let rows = store.sessions(Period::AllTime, 10, NOON).await.unwrap();
        assert_eq!(rows[0].conversion, Some(Conversion::Lead));
        assert_eq!(figures(&store).await, [1, 1, 0, 1, 52]);
        apply(&store, OrderMessage { payment_status: PaymentStatus::Paid, ..prepaid }).await;
        let rows = store.sessions(Period::AllTime, 10, NOON).await.unwrap();
        assert_eq!(rows[0].conversion, Some(Conversion::Purchase));
        assert_eq!(figures(&store).await, [1, 1, 149_900, 1, 52 + 114]);
    }

    pub async fn cancelling_takes_everything_back(World { store, .. }: World) {
        visit(&store).await;
        let paid = order("N1", NOON + 1, PaymentStatus::Paid);
        apply(&store, paid.clone()).await;
        apply(&store, OrderMessage { status: OrderStatus::Cancelled, ..paid }).await;
        assert_eq!(figures(&store).await, [1, 0, 0, 1, 0]);
    }

    pub async fn refunds_stay_revenue_less_what_went_back(World { store, .. }: World) {
        visit(&store).await;
        let paid = order("N1", NOON + 1, PaymentStatus::Paid);
        apply(&store, OrderMessage { refunded: Money(49_900), ..paid.clone() }).await;
        assert_eq!(figures(&store).await, [1, 1, 100_000, 1, 114]);
        apply(&store, OrderMessage { refunded: Money(149_900), ..paid }).await;
        assert_eq!(figures(&store).await, [1, 0, 0, 1, 0]);
    }

    pub async fn fault_e7_a_late_message_undoes_no_payment(World { store, .. }: World) {
        visit(&store).await;
        let at = |updated_at, payment_status| OrderMessage {
            updated_at: Some(updated_at),
            ..order("N1", NOON + 1, payment_status)
        };
        apply(&store, at(200, PaymentStatus::Paid)).await;
        assert_eq!(apply(&store, at(100, PaymentStatus::Unpaid)).await, Applied::Ignored);
        assert_eq!(figures(&store).await, [1, 1, 149_900, 1, 114]);
        // Equal times only move on; a newer one replaces all.
        assert_eq!(apply(&store, at(200, PaymentStatus::Checking)).await, Applied::Ignored, "nothing new");
        assert_eq!(figures(&store).await, [1, 1, 149_900, 1, 114]);
        apply(&store, at(300, PaymentStatus::Checking)).await;
        assert_eq!(figures(&store).await, [1, 0, 0, 1, 0]);
    }

    pub async fn an_order_of_nobody_is_kept_and_counted_nowhere(World { store, .. }: World) {
        visit(&store).await;
        let paid = order("N1", NOON + 1, PaymentStatus::Paid);
        assert_eq!(store.apply_order(paid.clone(), None, NOON).await.unwrap(), Applied::Created);
        assert_eq!(store.apply_order(paid, Some(&key("stranger")), NOON).await.unwrap(), Applied::Ignored);
        // Placed before the visitor ever came: no session of theirs holds it.
        apply(&store, order("N2", NOON - 1, PaymentStatus::Paid)).await;
        assert_eq!(figures(&store).await, [1, 0, 0, 1, 0]);
    }

    pub async fn an_order_of_nobody_finds_its_buyer_later(World { store, .. }: World) {
        visit(&store).await;
        // The payment provider's message comes first and knows no visitor.
        store.apply_order(order("N1", NOON + 1, PaymentStatus::Paid), None, NOON + 2).await.unwrap();
        assert_eq!(figures(&store).await, [1, 0, 0, 1, 0]);
        assert_eq!(apply(&store, order("N1", NOON + 1, PaymentStatus::Unpaid)).await, Applied::Merged);
        assert_eq!(figures(&store).await, [1, 1, 149_900, 1, 114]);
        apply(&store, order("N1", NOON + 1, PaymentStatus::Paid)).await;
        assert_eq!(figures(&store).await, [1, 1, 149_900, 1, 114]);
    }

    pub async fn a_sale_is_no_bounce(world: World) {
        visit(&world.store).await;
        let bounces = || async { world.number("select sum(is_bounce) from session").await };
        assert_eq!(bounces().await, 1);
        apply(&world.store, order("N1", NOON + 1, PaymentStatus::Unpaid)).await;
        assert_eq!(bounces().await, 1);
        let paid = OrderMessage { updated_at: Some(NOON + 8), ..order("N1", NOON + 1, PaymentStatus::Paid) };
        apply(&world.store, paid).await;
        assert_eq!(bounces().await, 0);
        // What is no longer paid earns nothing, in its action as in its session.
        let later = OrderMessage { updated_at: Some(NOON + 9), ..order("N1", NOON + 1, PaymentStatus::Checking) };
        apply(&world.store, later).await;
        assert_eq!(world.number("select sum(points) from action where kind = 'purchase'").await, 0);
        assert_eq!(figures(&world.store).await, [1, 0, 0, 1, 0]);
    }

    pub async fn processes_that_mint_the_same_id_store_two_orders(world: World) {
        // The order's id is the one that the first process minted at that instant; the next one tries again.
        world.store.apply_order(order("N1", NOON, PaymentStatus::Paid), None, NOON).await.unwrap();
        let taken = world.number("select id from orders").await;
        for offset in 1..=2 {
            world.run(&format!("insert into orders select visitor_id, id + {offset}, session_id, number, created_at, updated_at, email, phone, total, discount, pay_type, payment_status, paid_at, status, refunded, lead_at, purchase_at from orders where id = {taken}")).await;
        }
        world.store.apply_order(order("N2", NOON, PaymentStatus::Paid), None, NOON).await.unwrap();
        assert_eq!(world.number("select count(*) from orders where number = 'N2'").await, 1);
        assert_eq!(world.number("select count(*) from orders where number = 'N1'").await, 3);
    }

    pub async fn a_thousand_parallel_messages_make_one_order(World { store, .. }: World) {
        visit(&store).await;
        let tasks: Vec<_> = (0..1000)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { apply(&store, order("N1", NOON + 1, PaymentStatus::Paid)).await })
            })
            .collect();
        let mut created = 0;
        for task in tasks {
            created += usize::from(task.await.unwrap() == Applied::Created);
        }
        assert_eq!(created, 1);
        assert_eq!(figures(&store).await, [1, 1, 149_900, 1, 114]);
    }

    pub async fn bad_orders_are_refused_by_field(World { store, .. }: World) {
        let good = order("N1", NOON, PaymentStatus::Paid);
        let cases = [
            OrderMessage { number: String::new(), ..good.clone() },
            OrderMessage { number: "x".repeat(65), ..good.clone() },
            OrderMessage { number: "a\u{0}b".into(), ..good.clone() },
            OrderMessage { total: Money(-1), ..good.clone() },
            OrderMessage { discount: Money(-1), ..good.clone() },
            OrderMessage { refunded: Money(149_901), ..good.clone() },
            OrderMessage { refunded: Money(-1), ..good },
        ];
        for message in cases {
            let refused = store.apply_order(message.clone(), None, NOON).await;
            assert!(matches!(refused, Err(StoreError::BadOrder(_))), "{message:?}: {refused:?}");
        }
        let refused = OrderMessage { refunded: Money(200_000), ..order("N2", NOON, PaymentStatus::Paid) }.check();
        assert_eq!(refused, Err(BadOrder::Refunded { refunded: Money(200_000), total: Money(149_900) }));
    }
}
