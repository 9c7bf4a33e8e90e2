"""What is never recorded, and what must not be taken for it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.capture.notebook import snapshot_bytes
from jupyter_track.capture.secrets import MASK, Redactor, is_secret, is_secret_name, looks_secret

# Put together here, so that no scanner takes this file for a leak.
KEY = "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEow+/=\nabcdEFGH\n-----END RSA PRIVATE" + " KEY-----"
SECRETS = {
    "OpenAI": "sk-" + "proj-" + "a1B2" * 6,
    "GitHub": "gh" + "p_" + "a1B2" * 9,
    "GitHub, fine-grained": "github" + "_pat_" + "a1B2_" * 9,
    "GitLab": "glp" + "at-" + "a1B2-" * 4,
    "Hugging Face": "hf" + "_" + "a1B2" * 9,
    "PyPI": "pypi" + "-" + "AgEI" * 20,
    "Slack": "xox" + "b-1234567890-abcdef",
    "AWS": "AKI" + "A" + "ABCDEFGH12345678",
    "Google": "AIz" + "a" + "a1B2_" * 7,
    "a JSON web token": "ey" + "J" + "hbGciOiJI" + ".ey" + "J" + "zdWIiOiIx.SflKxwRJSMeKKF2QT4",
    "a private key": KEY,
}


@pytest.mark.parametrize(
    "name",
    [
        "password", "PASSWORD", "db_password", "DB_PASSWD", "dbPassword", "passphrase", "pwd", "db_pass", "DB_PASS",
        "secret", "client_secret", "clientSecret", "AWS_SECRET_ACCESS_KEY", "api_key", "apiKey", "apikey", "APIKEY",
        "OPENAI_API_KEY", "token", "hf_token", "GITHUB_TOKEN", "access_token", "authToken", "credentials", "auth",
        "Authorization", "private_key", "ssh_key", "connection_string", "session_cookie", "bearer", "account_key",
        "config.password", "secrets.db", "index_config.api_key", "max.api_key", "headers.Authorization",
        "model_type.token", "password2",
    ],
)  # fmt: skip
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens", "tokens", "n_tokens", "num_tokens", "tokens_per_second", "max_token", "token_count", "token_ids",
        "pad_token", "eos_token_id", "bos_token", "mask_token", "cls_token", "sep_token", "token_type_ids", "tokenizer",
        "tokenizer_name", "max_new_tokens", "token_dropout", "token_embedding_dim", "tokenize", "first_token",
        "author", "authors", "key", "key_size", "keys", "sort_key", "key_dim", "random_state", "password_length",
        "auth_type", "auth_method", "secret_name", "passes", "n_passes", "first_pass", "compass", "secretary",
        "keyboard", "monkey", "public_key", "lr", "", "_", "x1", "PWD", "OLDPWD", "api_key_name", "SSH_AUTH_SOCK",
    ],
)  # fmt: skip
def test_names_of_other_things(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_told_by_its_shape_and_blotted_out_whole(kind):
    secret = SECRETS[kind]
    assert looks_secret(secret)
    blotted = Redactor(set())(f"x = '{secret}' # done")
    assert blotted == f"x = '{MASK}' # done"


@pytest.mark.parametrize(
    ("text", "blotted"),
    [
        ("postgresql://ada:hunter2@db.example.org/runs", f"postgresql://{MASK}@db.example.org/runs"),
        ("redis://:hunter2@cache:6379/0", f"redis://{MASK}@cache:6379/0"),
        ("https://ada:p@ss:word@host/x", f"https://{MASK}@host/x"),
        ("Authorization: Bearer abcdefghijklmnop.q==", f"Authorization: Bearer {MASK}"),
        (f"a\n{KEY}\nb", f"a\n{MASK}\nb"),
    ],
)
def test_what_stands_around_a_secret_stays(text, blotted):
    assert looks_secret(text)
    assert Redactor(set())(text) == blotted


def test_a_private_key_without_an_end_is_blotted_out_as_far_as_it_goes():
    blotted = Redactor(set())(KEY.partition("-----END")[0])
    assert blotted == MASK


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org:8080/a?b=c@d",
        "http://localhost:8888/lab",
        '["http://h:80","ada@example.org"]',
        "git@github.com:ada/code.git",
        "risk-assessment-of-the-whole-portfolio",
        "sk-learn",
        "hf_dataset",
        "token: 3",
        "loss: 0.25",
        "AKIA",
        "eyJ.eyJ.x",
        "Bearer of news",
        "-----BEGIN CERTIFICATE-----",
        "5d41402abc4b2a76b9719d911017c592",
        "/home/ada/keys/readme.txt",
    ],
)
def test_no_false_alarm(text):
    assert not looks_secret(text)
    assert Redactor(set())(text) == text


def test_values_that_were_met_are_blotted_out_the_longest_first():
    redact = Redactor({"hunter2!", "hunter2!-and-more", "short", ""})
    assert redact("a hunter2!-and-more b hunter2! c short") == f"a {MASK} b {MASK} c short"


def test_values_are_taken_as_they_are():
    assert Redactor({"a.b*c+[d]"})("a.b*c+[d] aXbbc+d") == f"{MASK} aXbbc+d"


@given(st.sets(st.text(max_size=12), max_size=4), st.text(), st.sampled_from(sorted(SECRETS.values())), st.text())
def test_blotting_out_leaves_no_secret_and_twice_is_as_once(values, before, secret, after):
    redact = Redactor({each for each in values if not set(each) & set(MASK)})
    once = redact(f"{before} {secret} {after}")
    assert secret not in once
    assert redact(once) == once


@pytest.mark.parametrize(
    "cell",
    [
        "password = 'hunter2!'\nlr = 0.1",
        "connect(password='hunter2!', lr=0.1)",
        "config = {'db': {'password': 'hunter2!'}, 'lr': 0.1}",
        "x = 'postgresql://ada:hunter2!@db/runs'\nlr = 0.1",
        f"x = {SECRETS['GitHub']!r}\nlr = 0.1",
        "print(api_key, lr)",
        "print(creds, lr)",
    ],
)
def test_secrets_are_no_params(track, cell):
    tracked = track(cell, "api_key, lr = 'hunter2!', 0.1\ncreds = {'token': 'hunter2!'}\ndef connect(**settings): pass")
    assert list(tracked.params.values()) == ["0.1"]
    assert set(tracked.skipped.values()) == {"looks like a secret"}


def test_switches_about_secrets_are_params(track):
    tracked = track("use_auth = True\ntoken = None\npassword_length = 12\nmax_tokens = 512\ntokenizer = 'bpe'")
    assert tracked.params == {
        "use_auth": "True",
        "token": "None",
        "password_length": "12",
        "max_tokens": "512",
        "tokenizer": "bpe",
    }


class Outbox:
    """Keeps the records that a run would write."""

    def __init__(self):
        self.records = []

    def put(self, record):
        self.records.append(record)


def test_no_secret_is_in_anything_that_is_recorded(track, monkeypatch):
    from jupyter_track.tracking import Recorder

    monkeypatch.setenv("SERVICE_TOKEN", "from-the-environment")
    monkeypatch.setenv("PWD", "/home/ada/work")
    outbox = Outbox()
    tracked = track(
        "api_key = 'hunter2!'\nprint(f'key: {api_key}, {other}')\nimport os, sys\n"
        "print(os.environ['SERVICE_TOKEN'], os.environ['PWD'])\nloss = len(api_key) / 2\n"
        "raise ValueError(f'{api_key} refused')",
        "other = 'seven-of-nine'\nsettings = {'db': {'password': other}, **{str(n): n for n in range(60)}}",
        recorder=Recorder(outbox, "experiment", "name"),
    )
    assert isinstance(tracked.error, ValueError)
    written = repr(outbox.records)
    for secret in ("hunter2!", "seven-of-nine", "from-the-environment"):
        assert secret not in written
    files = {each.path: each.data.decode() for each in outbox.records if hasattr(each, "path")}
    assert files["output/stdout.txt"].startswith(f"key: {MASK}, {MASK}\n{MASK} /home/ada/work\n")
    assert files["track/cell.py"].startswith(f"api_key = '{MASK}'\n")
    assert files["error/traceback.txt"].endswith(f"ValueError: {MASK} refused\n")
    assert json.loads(files["track/capture.json"])["metrics"][0]["key"] == "loss"


def test_a_notebook_is_kept_without_secrets(tmp_path):
    png = "iVBORw0" + SECRETS["Google"]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"note": SECRETS["Slack"]},
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "execution_count": 1,
                "metadata": {},
                "source": ["key = '''", *KEY.splitlines(keepends=True), "'''\n", "x = 'hunter2!'"],
                "outputs": [
                    {"output_type": "stream", "name": "stdout", "text": ["hun", "ter2!\n", "fine"]},
                    {
                        "output_type": "display_data",
                        "metadata": {},
                        "data": {"image/png": png, "image/svg+xml": "<svg>hunter2!</svg>", "text/plain": "a hunter2!"},
                    },
                ],
            }
        ],
    }
    written = json.loads(snapshot_bytes(notebook, Redactor({"hunter2!"})))
    (cell,) = written["cells"]
    assert "".join(cell["source"]) == f"key = '''{MASK}'''\nx = '{MASK}'"
    assert "".join(cell["outputs"][0]["text"]) == f"{MASK}\nfine"
    assert cell["outputs"][1]["data"] == {
        "image/png": png,
        "image/svg+xml": f"<svg>{MASK}</svg>",
        "text/plain": f"a {MASK}",
    }
    assert written["metadata"] == {"note": MASK}
    assert notebook["metadata"] == {"note": SECRETS["Slack"]}


def test_what_a_person_allows_is_no_secret():
    assert is_secret("api_key", "abc")
    assert is_secret("a.token", "abc")
    assert is_secret("name", SECRETS["Slack"])
    assert not is_secret("api_key", "abc", {"api_key"})
    assert not is_secret("a.token", "abc", {"a"})
    assert not is_secret("name", SECRETS["Slack"], {"name"})
    assert is_secret("ab.token", "abc", {"a"})


@pytest.mark.parametrize("text", ["True", "None", "0.5", "1e-3", ".5", "nan"])
def test_switches_and_shares_give_nothing_away(text):
    assert not is_secret("use_auth", text)


@pytest.mark.parametrize("text", ["1234", "abc", "-7", "0.5.1"])
def test_codes_are_secrets(text):
    assert is_secret("password", text)


def test_allowed_values_are_left_in_texts():
    redact = Redactor({"hunter2!", "open sesame"}, frozenset({"open sesame", SECRETS["Slack"]}))
    assert redact(f"hunter2! open sesame {SECRETS['Slack']}") == f"{MASK} open sesame {SECRETS['Slack']}"
