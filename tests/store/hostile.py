"""Texts that a careless store would take for something else."""

#: May be values and names of experiments and models.
TEXTS = (
    "it's",
    "100%",
    "a_b",
    "C:\\temp\\new",
    "'; DROP TABLE runs; --",
    '"quoted" `back` $1 :name %(name)s {0} ?',
    "line\nbreak\ttab",
    "bell\x07 \x1b[31mred\x1b[0m\r\x7f\x85\u2028",
    "naïve ΑΒΓ 日本語 😀 \u202e",
    " blanks ",
    "NULL",
)

#: May be names of metrics, params and tags.
KEYS = ("a b", "a/b", "a.b", "a-b", "a:b", "ключ", "模型", "SELECT", "1", "_", "x" * 250)
