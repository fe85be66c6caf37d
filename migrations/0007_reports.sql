-- Orders by the instant that counts with basis=order; all other questions begin at session_started_at.
create index orders_counted_at on orders (coalesce(paid_at, created_at));
