//! What can be asked, purely: metrics, dimensions, reports, queries, tables.
