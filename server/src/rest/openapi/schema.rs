//! Shapes of JSON in a few words.

use utm_dispatcher::report::{Dimension, Metric, Unit};
use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};

/// A reference to the shape of `T`, which stands once in the document.
pub fn shape<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

/// A text.
pub fn text() -> ObjectBuilder {
    of(Type::String)
}

/// A text or null.
pub fn text_or_null() -> ObjectBuilder {
    or_null(Type::String)
}

/// A value of that type.
pub fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

/// A value of that type, or null.
pub fn or_null(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]))
}

/// One of these words.
pub fn word<'a>(words: impl IntoIterator<Item = &'a str>) -> ObjectBuilder {
    text().enum_values(Some(words))
}

/// One of these words, or null.
pub fn word_or_null<'a>(words: impl IntoIterator<Item = &'a str>) -> ObjectBuilder {
    let words = words.into_iter().map(serde_json::Value::from).chain([serde_json::Value::Null]);
    text_or_null().enum_values(Some(words))
}

/// A whole number from `least` to `most`.
pub fn whole(least: i64, most: i64) -> ObjectBuilder {
    of(Type::Integer).minimum(Some(least)).maximum(Some(most))
}

/// An instant.
pub fn time() -> ObjectBuilder {
    text().format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
}

/// A list of these.
pub fn list(of: impl Into<RefOr<Schema>>) -> ArrayBuilder {
    ArrayBuilder::new().items(Array::new(of).items)
}

/// Any of these.
pub fn any_of<S: Into<RefOr<Schema>>>(all: impl IntoIterator<Item = S>) -> Schema {
    let all = all.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item);
    Schema::AnyOf(all.build())
}

/// An object that has all of these fields.
pub fn object<S: Into<RefOr<Schema>>>(fields: impl IntoIterator<Item = (&'static str, S)>) -> ObjectBuilder {
    let add = |object: ObjectBuilder, (name, schema): (&'static str, S)| object.property(name, schema).required(name);
    fields.into_iter().fold(of(Type::Object), add)
}

/// An object that takes these fields and no others; those whose name ends with `!` have to be there.
pub fn form<S: Into<RefOr<Schema>>>(fields: impl IntoIterator<Item = (&'static str, S)>) -> ObjectBuilder {
    let nothing_else =
        of(Type::Object).additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)));
    fields.into_iter().fold(nothing_else, |object, (name, schema)| match name.strip_suffix('!') {
        Some(name) => object.property(name, schema).required(name),
        None => object.property(name, schema),
    })
}

/// A dimension's value in the original's API.
pub fn label(dimension: Dimension) -> Object {
    text().description(Some(dimension.description())).build()
}

/// A number of the original's API: `0` stands for no value.
pub fn number(metric: Metric) -> Object {
    let is_count = metric.definition().0 == Unit::Count;
    of(if is_count { Type::Integer } else { Type::Number }).description(Some(metric.description())).build()
}

/// An object of numbers of the original's API.
pub fn numbers(fields: &[(&'static str, Metric)]) -> ObjectBuilder {
    object(fields.iter().map(|(name, metric)| (*name, number(*metric))))
}
