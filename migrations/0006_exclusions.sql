-- Whose requests are not counted because an administrator said so.

create table exclusion (
    id bigint not null primary key,
    kind text not null,
    value text not null,
    note text not null,
    is_active smallint not null,
    created_at bigint not null,
    -- The administrator's e-mail.
    created_by text not null,
    unique (kind, value)
);
