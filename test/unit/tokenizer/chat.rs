// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Chat templates in the dialect that Hugging Face's are written in.

use serde_json::json;
use tern_tokenizer::{ChatOptions, Message, Tokenizer};

fn render_with(template: &str, options: ChatOptions) -> Result<String, String> {
    let file = json!({
        "added_tokens": [{"id": 2, "content": "<s>", "single_word": false, "lstrip": false,
                          "rstrip": false, "normalized": false, "special": true}],
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []},
        "tern": {"bos": 2, "ends": [], "chat_template": template}
    });
    let tokenizer = Tokenizer::from_json(file.to_string().as_bytes()).unwrap();
    let message = |role: &str, content: &str| Message {
        role: role.into(),
        content: content.into(),
    };
    let messages = [
        message("system", " Be brief. "),
        message("user", "<é \"q\">"),
    ];
    tokenizer.apply_chat_template(&messages, &options)
}

fn render(template: &str) -> Result<String, String> {
    render_with(template, ChatOptions::default())
}

#[test]
fn blocks_take_their_line_with_them() {
    let template = "{{ bos_token }}
{% for m in messages %}
    {% if m.role == 'user' %}
[{{ m['content'] }}]
    {% endif %}
{% endfor %}
end
";
    assert_eq!(render(template).unwrap(), "<s>\n[<é \"q\">]\nend");
}

#[test]
fn pythons_methods_slices_and_namespaces_work() {
    let template = "{%- set ns = namespace(n=0) -%}
{%- for m in messages[1:] -%}{%- set ns.n = ns.n + 1 -%}{%- endfor -%}
{{ ns.n }}|{{ messages[0].content.strip() }}|{{ messages[0]['content'].split()[0] }}|
{%- if 'role' in messages[0] and messages[0].role.startswith('sys') %}yes{% endif -%}
{%- for k, v in messages[1].items() %} {{ k }}{% endfor -%}
{%- for m in messages %}{% if loop.last %}{% break %}{% endif %} {{ loop.index0 }}{% endfor %}";
    assert_eq!(
        render(template).unwrap(),
        "1|Be brief.|Be|yes role content 0"
    );
}

#[test]
fn tojson_is_pythons() {
    let text = render("{{ messages[1] | tojson }}").unwrap();
    assert_eq!(text, r#"{"role": "user", "content": "<é \"q\">"}"#);
    let text = render("{{ [1, {'b': true, 'a': none}] | tojson(indent=2, sort_keys=true) }}");
    assert_eq!(
        text.unwrap(),
        "[\n  1,\n  {\n    \"a\": null,\n    \"b\": true\n  }\n]"
    );
    let text = render("{{ [1, 2] | tojson(separators=(',', ':'), ensure_ascii=true) }}");
    assert_eq!(text.unwrap(), "[1,2]");
}

#[test]
fn the_generation_prompt_is_asked_for() {
    let template = "{% if add_generation_prompt %}go{% endif %}";
    assert_eq!(render(template).unwrap(), "");
    let options = ChatOptions {
        add_generation_prompt: true,
        now: None,
    };
    assert_eq!(render_with(template, options).unwrap(), "go");
}

#[test]
fn the_time_is_given_or_unknown() {
    let template =
        "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% else %}-{% endif %}";
    assert_eq!(render(template).unwrap(), "-");
    let options = ChatOptions {
        add_generation_prompt: false,
        now: Some(1_721_952_000),
    };
    assert_eq!(render_with(template, options).unwrap(), "26 Jul 2024");
    let failure = render_with("{{ strftime_now('%!') }}", options).unwrap_err();
    assert_eq!(
        failure,
        "the chat template fails in line 1: \"%!\" is no format of a date"
    );
}

#[test]
fn generation_tags_render_what_they_enclose() {
    let template =
        "{% for m in messages %}{%- generation -%} {{ m.role }} {%- endgeneration -%};{% endfor %}";
    assert_eq!(render(template).unwrap(), "system;user;");
}

#[test]
fn failures_are_one_sentence() {
    assert_eq!(render("").unwrap_err(), "expected a chat template, found none");
    assert_eq!(
        render("\n{{ raise_exception('roles must alternate') }}").unwrap_err(),
        "the chat template fails in line 2: roles must alternate"
    );
    let failure = render("{% if %}").unwrap_err();
    assert!(
        failure.starts_with("the chat template fails in line 1: "),
        "{failure}"
    );
    assert!(!failure.contains('\n'));
}

#[test]
fn a_template_without_end_is_stopped() {
    let loops = "{% for a in range(9999) %}".repeat(3) + &"{% endfor %}".repeat(3);
    assert_eq!(
        render(&loops).unwrap_err(),
        "the chat template fails in line 1: engine ran out of fuel"
    );
}
