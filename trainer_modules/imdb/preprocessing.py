"""Transform's user code for reviews."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from trainer_modules.imdb import features as f
from trainer_modules.shared.preprocessing import dense

_HASHES = 1 << 62
"""The number of hashes: large enough that no two words share one, so no vocabulary is needed."""


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, Any]:
    """Turns raw reviews into the models' inputs.

    Args:
        inputs: Raw features by name, dense [n, 1] or sparse [n, ?].

    Returns:
        `words`, the hashes of the words, sparse int64 [n, ?]; `text`, the unchanged review, string
        [n, 1].
    """
    text = dense(inputs[f.TEXT], "")
    return {f.WORDS: hashed(words(text[:, 0])).to_sparse(), f.TEXT: text}


def words(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits texts into lowercase words and punctuation marks. HTML line breaks count as blanks.

    Args:
        text: The texts in UTF-8, string [n].

    Returns:
        string [n, (words)].
    """
    text = tf.strings.regex_replace(text, r"<br\s*/?>", " ")
    text = tf.strings.lower(text, encoding="utf-8")
    # An apostrophe within a word belongs to it: "isn't".
    text = tf.strings.regex_replace(text, r"(^|[^\pL\pN])'", r"\1 ' ")
    text = tf.strings.regex_replace(text, r"'([^\pL\pN]|$)", r" ' \1")
    text = tf.strings.regex_replace(text, r"([^\pL\pN\s'])", r" \1 ")
    return tf.strings.split(text)


def hashed(words: tf.RaggedTensor) -> tf.RaggedTensor:
    """Hashes words: string -> int64. Equal words have equal hashes."""
    return words.with_flat_values(tf.strings.to_hash_bucket_fast(words.flat_values, _HASHES))
