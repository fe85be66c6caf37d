-- Visits: who came, from where, with what, and what they did.
-- Ids are 53-bit integers ordered by time, times are epoch milliseconds in UTC, money is minor units, flags are 0 or 1.
-- Dictionaries (touch, client, place, page) are keyed by a hash of their content: equal rows are stored once.

create table touch (
    id bigint not null primary key,
    source text not null,
    medium text not null,
    channel text not null,
    campaign text not null,
    content text not null,
    term text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    utm_content text,
    utm_term text,
    raw_source text,
    raw_medium text,
    raw_campaign text,
    raw_content text,
    raw_term text,
    click_platform text,
    referrer_host text,
    has_macro smallint not null
);

create table client (
    id bigint not null primary key,
    device text not null,
    brand text,
    model text,
    os text,
    os_version text,
    browser text,
    browser_version text,
    language text
);

create table place (
    id bigint not null primary key,
    country text,
    region text,
    city text
);

create table page (
    id bigint not null primary key,
    path text not null
);

create table visitor (
    id bigint not null primary key,
    first_seen bigint not null,
    last_seen bigint not null,
    -- How many sessions there were, and the last one that opened.
    sessions bigint not null,
    session_id bigint,
    first_touch_id bigint,
    last_touch_id bigint
);

-- What names a visitor: hashes of cookie values, never the values. One visitor may have several. Written before its
-- visitor, so that two processes that meet one new browser agree on one visitor: hence no foreign key.
create table visitor_key (
    key text not null primary key,
    visitor_id bigint not null
);
create index visitor_key_visitor on visitor_key (visitor_id);

create table session (
    visitor_id bigint not null references visitor (id),
    id bigint not null,
    ordinal bigint not null,
    started_at bigint not null,
    last_seen bigint not null,
    touch_id bigint not null references touch (id),
    client_id bigint not null references client (id),
    place_id bigint not null references place (id),
    landing_id bigint not null references page (id),
    click_ids text,
    fbc text,
    fbp text,
    referrer text,
    ip text,
    user_agent text not null,
    -- Counted by the writer as the session goes.
    duration bigint not null, -- whole seconds from started_at to last_seen
    is_first smallint not null, -- ordinal is 1
    is_bounce smallint not null,
    page_views bigint not null,
    product_views bigint not null,
    add_to_cart bigint not null,
    remove_from_cart bigint not null,
    initiate_checkout bigint not null,
    searches bigint not null,
    other_actions bigint not null,
    action_points bigint not null,
    -- What its orders make of it, derived again each time one of them changes.
    sale_points bigint not null,
    points bigint not null, -- of its actions and its sales
    had_lead smallint not null,
    has_lead smallint not null,
    has_purchase smallint not null,
    is_converted smallint not null,
    converted_at bigint,
    orders bigint not null,
    revenue bigint not null,
    refunds bigint not null,
    primary key (visitor_id, id)
);
create index session_started_at on session (started_at, id);

-- What must be unique over all visitors stands in a table of its own.
create table session_visitor (
    session_id bigint not null primary key,
    visitor_id bigint not null
);

create table action (
    visitor_id bigint not null,
    id bigint not null,
    session_id bigint not null,
    at bigint not null,
    kind text not null,
    -- What makes a second one a repeat: a path, a search, a product, an order.
    subject text not null,
    page_id bigint references page (id),
    product_id text,
    product_name text,
    value bigint,
    order_number text,
    query text,
    points bigint not null,
    primary key (visitor_id, id),
    foreign key (visitor_id, session_id) references session (visitor_id, id)
);
create index action_session on action (visitor_id, session_id, kind, subject);
