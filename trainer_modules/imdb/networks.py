"""The Keras models of the tutorials."""

from __future__ import annotations

import keras
import tensorflow as tf

from trainer_modules.imdb.parameters import ImdbParameters


def embedding(parameters: ImdbParameters, size: int) -> keras.Model:
    """Builds layers over a mean of embeddings: ids, int64 [n, length] -> logit, float32 [n, 1]."""
    ids = keras.Input((parameters.length,), dtype="int64")
    hidden = keras.layers.Embedding(size, parameters.embedding_size)(ids)
    return _finish(parameters, ids, keras.layers.GlobalAveragePooling1D()(hidden))


def multi_hot(parameters: ImdbParameters, size: int) -> keras.Model:
    """Builds dense layers over the words present: float32 [n, size] -> logit, float32 [n, 1]."""
    present = keras.Input((size,))
    return _finish(parameters, present, present)


def saved_embedding(parameters: ImdbParameters) -> keras.Model:
    """Builds dense layers over an embedding of the text: string [n] -> logit, float32 [n, 1].

    The embedding is a callable SavedModel, such as those of TensorFlow Hub.

    Raises:
        OSError: There is no SavedModel at `embedding_path`.
    """
    text = keras.Input((), dtype="string")
    layer = SavedEmbedding(
        parameters.embedding_path, call_endpoint="__call__", trainable=parameters.train_embedding
    )
    return _finish(parameters, text, layer(text))


def _finish(
    parameters: ImdbParameters, inputs: keras.KerasTensor, hidden: keras.KerasTensor
) -> keras.Model:
    regularizer = keras.regularizers.L2(parameters.l2) if parameters.l2 else None
    for units in parameters.hidden_units:
        hidden = keras.layers.Dense(units, activation="relu", kernel_regularizer=regularizer)(
            hidden
        )
        hidden = keras.layers.Dropout(parameters.dropout)(hidden)
    model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
    model.compile(
        optimizer=keras.optimizers.Adam(parameters.learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[
            keras.metrics.BinaryAccuracy("accuracy", threshold=0.0),
            keras.metrics.BinaryCrossentropy("log_loss", from_logits=True),
        ],
    )
    return model


@keras.saving.register_keras_serializable("imdb")
class SavedEmbedding(keras.layers.TFSMLayer):
    """A SavedModel as a layer with variables that Keras can train.

    Keras 3.14 keeps TensorFlow's names, which contain a colon. Its own optimizers refuse them.
    """

    def _add_existing_weight(self, weight: tf.Variable) -> None:
        name = weight.name.replace("/", "_").replace(":", "_")
        self._track_variable(keras.Variable(weight, trainable=weight.trainable, name=name))
