-- What was committed: a row for each transaction that wrote, so that every process learns of it. Kept for some minutes.

create table change (
    -- The transaction's number: on SQLite its place among the commits, on PostgreSQL its own id.
    id bigint not null primary key,
    -- When it was committed, by the clock of its process.
    at bigint not null,
    -- What it concerns: facts (reports may differ), or access (who may look, and what is left out).
    about text not null,
    -- JSON: who was here just now, and which actions and sessions may still be news. Empty when there is nothing of that.
    news text not null
);
