//! What an edit inside a document promises.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Step::{At, Key};
use super::*;

const ORDER: [&str; 5] = ["id", "title", "labels", "closed_at", "custom"];

const KANBUS: &str = "{\n  \"id\": \"a-1\",\n  \"n\": 1.50e+3,\n  \"labels\": [],\n  \"comments\": [\n    {\n      \"id\": \"c\",\n      \"text\": \"T\"\n    }\n  ],\n  \"custom\": {}\n}";

fn document(text: &str) -> Document {
    Document::parse(text.into()).unwrap()
}

#[test]
fn a_new_member_goes_where_the_order_has_it() {
    let mut edited = document(KANBUS);
    assert!(edited.set(&[Key("title")], "New", &ORDER).unwrap());
    assert!(edited.set(&[Key("closed_at")], &Value::Null, &ORDER).unwrap());
    assert!(edited.set(&[Key("unheard_of")], &1, &ORDER).unwrap());
    let expected = KANBUS
        .replace("\"a-1\",\n", "\"a-1\",\n  \"title\": \"New\",\n")
        .replace("\"labels\": [],\n", "\"labels\": [],\n  \"closed_at\": null,\n")
        .replace("{}\n}", "{},\n  \"unheard_of\": 1\n}");
    assert_eq!(edited.text(), expected);
    let mut first = document("{\n  \"title\": \"T\"\n}");
    first.set(&[Key("id")], "a", &ORDER).unwrap();
    assert_eq!(first.text(), "{\n  \"id\": \"a\",\n  \"title\": \"T\"\n}");
}

#[test]
fn lists_grow_and_shrink_as_kanbus_writes_them() {
    let mut edited = document(KANBUS);
    for (index, label) in [(0, "one"), (9, "two"), (0, "zero")] {
        assert!(edited.insert(&[Key("labels")], index, label).unwrap());
    }
    let three = "[\n    \"zero\",\n    \"one\",\n    \"two\"\n  ]";
    assert_eq!(edited.text(), KANBUS.replace("\"labels\": []", &format!("\"labels\": {three}")));
    for at in [2, 0, 0] {
        assert!(edited.remove(&[Key("labels"), At(at)]).unwrap());
    }
    assert_eq!(edited.text(), KANBUS, "an empty list is written as one");
    assert!(!edited.remove(&[Key("labels"), At(0)]).unwrap());
}

#[test]
fn a_value_deep_inside_changes_alone() {
    let mut edited = document(KANBUS);
    let text = [Key("comments"), At(0), Key("text")];
    edited.set(&text, "line\nline", &[]).unwrap();
    edited.set(&[Key("comments"), At(0), Key("data")], &json!({"a": [1]}), &[]).unwrap();
    edited.insert(&[Key("comments")], 1, &json!({"id": "d"})).unwrap();
    assert_eq!(
        edited.text(),
        KANBUS.replace(
            "\"T\"\n    }",
            "\"line\\nline\",\n      \"data\": {\n        \"a\": [\n          1\n        ]\n      }\n    },\n    {\n      \"id\": \"d\"\n    }"
        )
    );
    assert_eq!(edited.at(&text), Some("\"line\\nline\""));
    assert_eq!(edited.at(&[Key("n"), Key("x")]), None, "there is nothing in a number");
    assert!(!edited.set(&[Key("n"), Key("x")], &1, &[]).unwrap());
    assert!(!edited.insert(&[Key("custom")], 0, &1).unwrap(), "an object is no list");
}

#[test]
fn every_way_of_writing_json_keeps_its_own() {
    for (before, after) in [
        ("{\"id\":1,\"labels\":[\"a\"]}", "{\"id\":1,\"labels\":[\"b\",\"a\"],\"x\":{\"y\":2}}"),
        (
            "{\r\n\t\"labels\" :[\"a\", \"c\"]\r\n}\r\n",
            "{\r\n\t\"labels\" :[\"b\", \"a\", \"c\"],\r\n\t\"x\" :{\r\n\t\t\"y\": 2\r\n\t}\r\n}\r\n",
        ),
        (
            "{\n    \"labels\": [\n        \"a\"\n    ]}\n",
            "{\n    \"labels\": [\n        \"b\",\n        \"a\"\n    ],\n    \"x\": {\n        \"y\": 2\n    }}\n",
        ),
    ] {
        let mut edited = document(before);
        edited.insert(&[Key("labels")], 0, "b").unwrap();
        edited.set(&[Key("x")], &json!({"y": 2}), &[]).unwrap();
        assert_eq!(edited.text(), after);
        edited.remove(&[Key("x")]).unwrap();
        edited.remove(&[Key("labels"), At(0)]).unwrap();
        assert_eq!(edited.text(), before, "and what is undone leaves no trace");
    }
}

#[test]
fn what_would_not_be_json_is_refused_and_nothing_changes() {
    let mut edited = document(KANBUS);
    for value in ["1, \"x\": 2", "", "{", "1 2", "\"a"] {
        assert!(edited.set_text(&[Key("n")], value, &[]).is_err(), "{value}");
        assert!(edited.insert_text(&[Key("labels")], 0, value).is_err(), "{value}");
    }
    assert_eq!(edited.text(), KANBUS);
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z\":,]{1,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_put_in_reads_back_and_is_taken_out_without_a_trace(
        list in prop::collection::vec(json_value(), 0..4),
        members in prop::collection::btree_map("[a-z\":,]{1,4}", json_value(), 0..4),
        value in json_value(),
        index in 0_usize..5,
        compact in any::<bool>(),
    ) {
        let whole = json!({"list": list, "object": members});
        let text = if compact { whole.to_string() } else { serde_json::to_string_pretty(&whole).unwrap() };
        let mut edited = document(&text);
        edited.insert(&[Key("list")], index, &value).unwrap();
        edited.set(&[Key("object"), Key("NEW")], &value, &[]).unwrap();
        let (mut list, mut members) = (list, members);
        let index = index.min(list.len());
        list.insert(index, value.clone());
        members.insert("NEW".to_owned(), value);
        let read: Value = serde_json::from_str(edited.text()).unwrap();
        prop_assert_eq!(read, json!({"list": list, "object": members}));
        edited.remove(&[Key("object"), Key("NEW")]).unwrap();
        edited.remove(&[Key("list"), At(index)]).unwrap();
        prop_assert_eq!(edited.text(), text.as_str());
    }
}
