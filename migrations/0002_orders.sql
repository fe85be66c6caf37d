-- Orders of the shop. `orders` in the plural: the singular is a reserved word.

create table orders (
    -- 0 when the order is not attributed to anyone.
    visitor_id bigint not null,
    id bigint not null,
    session_id bigint,
    number text not null,
    created_at bigint not null,
    updated_at bigint,
    email text,
    phone text,
    total bigint not null,
    discount bigint not null,
    pay_type text not null,
    payment_status text not null,
    paid_at bigint,
    status text not null,
    refunded bigint not null,
    -- When it became a lead and a purchase; null while it never did.
    lead_at bigint,
    purchase_at bigint,
    primary key (visitor_id, id)
);
create index orders_session on orders (visitor_id, session_id);

-- What must be unique over all visitors stands in a table of its own.
create table order_number (
    number text not null primary key,
    visitor_id bigint not null,
    id bigint not null
);
