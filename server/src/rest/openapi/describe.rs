//! What an operation says of itself: what it takes, what it gives, to whom.

use utoipa::openapi::link::{Link, LinkBuilder};
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    Content, Header, HeaderBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema, SecurityRequirement,
};

use super::schema;

/// An operation at its address.
#[must_use]
pub struct Described {
    /// Its address, with `{…}` for parts that vary.
    pub path: String,
    /// Its method.
    pub method: HttpMethod,
    operation: OperationBuilder,
}

/// The chapters of the document: a name, what stands in it.
pub const CHAPTERS: [(&str, &str); 6] = [
    ("reports", "Any report with any query, as JSON."),
    ("original", "The endpoints of the system that this one replaces, with its parameters and fields."),
    ("files", "The same reports as files, for analysts and administrators."),
    ("shop", "What the shop's server tells: events and orders."),
    ("pages", "What the shop's pages tell, from the browsers of its visitors."),
    ("monitors", "What monitors ask."),
];

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Anyone,
    /// A login, or a token of scope read.
    Reader,
    /// A token of scope write.
    Writer,
    /// A page of our own site or of an allowed one.
    Page,
}

/// An operation that reads. `about` is a sentence, and more after the first full stop.
pub fn get(path: impl Into<String>, id: &str, about: &str) -> Described {
    Described::new(HttpMethod::Get, path, id, about)
}

/// An operation that adds.
pub fn post(path: impl Into<String>, id: &str, about: &str) -> Described {
    Described::new(HttpMethod::Post, path, id, about)
}

/// An operation that puts something in its place.
pub fn put(path: impl Into<String>, id: &str, about: &str) -> Described {
    Described::new(HttpMethod::Put, path, id, about)
}

impl Described {
    fn new(method: HttpMethod, path: impl Into<String>, id: &str, about: &str) -> Self {
        let (summary, rest) = about.split_once(". ").map_or((about, ""), |(first, rest)| (first, rest));
        let operation = OperationBuilder::new()
            .operation_id(Some(id))
            .summary(Some(summary.trim_end_matches('.')))
            .description(Some(rest).filter(|rest| !rest.is_empty()));
        Self { path: path.into(), method, operation }
    }

    /// In that chapter, for those.
    pub fn within(mut self, chapter: &str, who: Who) -> Self {
        let mut operation = self.operation.tag(chapter);
        let no_scopes = || std::iter::empty::<&str>();
        match who {
            Who::Anyone | Who::Page => {}
            Who::Reader => {
                operation = operation.security(SecurityRequirement::new("read_token", no_scopes()));
                operation = operation.security(SecurityRequirement::new("login", no_scopes()));
            }
            Who::Writer => operation = operation.security(SecurityRequirement::new("write_token", no_scopes())),
        }
        self.operation = operation;
        match who {
            Who::Anyone => self,
            Who::Page => self.refuses([403]),
            Who::Reader | Who::Writer => self.refuses([401, 403, 503]),
        }
    }

    /// With these parameters.
    pub fn takes(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        for parameter in parameters {
            self.operation = self.operation.parameter(parameter);
        }
        self
    }

    /// With a JSON body of that shape.
    pub fn body(mut self, schema: impl Into<RefOr<Schema>>, example: serde_json::Value) -> Self {
        let mut content = Content::new(Some(schema));
        content.example = Some(example);
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
        self.operation = self.operation.request_body(Some(body.build()));
        self
    }

    /// Answers with JSON of that shape.
    pub fn gives(self, status: u16, about: &str, schema: impl Into<RefOr<Schema>>) -> Self {
        self.answers(status, json(about, schema))
    }

    /// Answers with a list of that shape that says in `Link` where it goes on.
    pub fn gives_list(self, schema: impl Into<RefOr<Schema>>) -> Self {
        self.answers(200, rows(schema))
    }

    /// Answers so.
    pub fn answers(mut self, status: u16, response: impl Into<RefOr<Response>>) -> Self {
        self.operation = self.operation.response(status.to_string(), response);
        self
    }

    /// Refuses with problem JSON of these statuses.
    pub fn refuses(mut self, statuses: impl IntoIterator<Item = u16>) -> Self {
        for status in statuses {
            self.operation = self.operation.response(status.to_string(), Ref::from_response_name("Problem"));
        }
        self
    }

    /// The operation.
    pub fn build(self) -> Operation {
        self.operation.build()
    }
}

/// An answer of JSON.
pub fn json(about: &str, schema: impl Into<RefOr<Schema>>) -> ResponseBuilder {
    ResponseBuilder::new().description(about).content("application/json", Content::new(Some(schema)))
}

/// A list that says in `Link` where it goes on.
pub fn rows(schema: impl Into<RefOr<Schema>>) -> ResponseBuilder {
    let link = header("`<…>; rel=\"next\"`: where the list goes on, unless this is its end.");
    json("The rows, in a stable order.", schema).header("Link", link)
}

/// An answer of another kind, whose content has no shape.
pub fn other(about: &str, content_type: &str) -> ResponseBuilder {
    ResponseBuilder::new().description(about).content(content_type, Content::new(Some(schema::text())))
}

/// Where an answer leads: to the operation `id`, whose `parameter` is what the runtime expression `from` finds.
pub fn link(id: &str, parameter: &str, from: &str) -> Link {
    LinkBuilder::new().operation_id(id).parameter(parameter, from).build()
}

/// A header of an answer.
pub fn header(about: &str) -> Header {
    HeaderBuilder::new().description(Some(about)).schema(Some(schema::text())).build()
}

/// Problem JSON.
pub fn problem() -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description("It was refused, or it failed; the answer says what and why.")
        .content("application/problem+json", content)
        .build()
}
