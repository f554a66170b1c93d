"""Hyper-parameters of the models of reviews. Imports without TensorFlow."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from trainer_modules.shared.parameters import MAX_COUNT, HiddenUnits, Parameters


class ImdbParameters(Parameters):
    """The hyper-parameters.

    Defaults of `ngram` were chosen by cross-validation on the training reviews. Those of
    `embedding` and `multi_hot` are the original tutorials'.
    """

    presets: ClassVar = {
        # The baseline of the original's study of over- and underfitting.
        "multi_hot": {"hidden_units": (16, 16), "epochs": 20},
    }

    model_type: Literal["ngram", "embedding", "multi_hot", "saved_embedding"] = Field(
        "ngram",
        description="ngram: n-grams weighted by naive Bayes; embedding: the original's mean of "
        "embeddings; multi_hot: the words of a review, as in the original's study of over- and "
        "underfitting; saved_embedding: the text embedding of embedding_path",
    )
    ngrams: int = Field(3, ge=1, le=5, description="ngram: maximum number of words of an n-gram")
    min_reviews: int = Field(
        2,
        ge=1,
        le=MAX_COUNT,
        description="ngram: minimum number of training reviews that contain an n-gram",
    )
    smoothing: float = Field(
        1.0, gt=0, le=1e6, description="ngram: number added to the count of each n-gram"
    )
    refit: bool = Field(
        True, description="ngram: train again on train and eval after measuring on eval"
    )
    inverse_l2: float = Field(
        10.0, gt=0, le=1e6, description="ngram: inverse L2 penalty of the logistic regression (C)"
    )
    vocabulary: int = Field(
        10_000, ge=1, le=MAX_COUNT, description="others: number of words, the most frequent ones"
    )
    length: int = Field(
        256, ge=1, le=100_000, description="embedding: number of words read, from the end"
    )
    embedding_size: int = Field(16, ge=1, le=4096, description="embedding: width of the embedding")
    embedding_path: str = Field(
        "", description="saved_embedding: folder of a SavedModel, string [n] -> float32 [n, width]"
    )
    train_embedding: bool = Field(
        False, description="saved_embedding: train the embedding, too, not only the dense layers"
    )
    hidden_units: HiddenUnits = Field((16,), description="others: widths of the dense layers")
    l2: float = Field(
        0.0, ge=0, le=1e6, description="others: L2 penalty on the weights of the dense layers"
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="others: fraction of hidden units dropped in training"
    )
    epochs: int = Field(
        40, ge=1, le=10_000, description="others: maximum number of passes over the training split"
    )
    batch_size: int = Field(512, ge=1, le=65_536, description="others: reviews per step")
    learning_rate: float = Field(0.001, gt=0, le=10, description="others: learning rate of Adam")
    patience: int = Field(
        5,
        ge=1,
        le=MAX_COUNT,
        description="others: epochs without a lower eval loss before training stops",
    )

    @model_validator(mode="after")
    def _has_its_embedding(self) -> ImdbParameters:
        if (self.model_type == "saved_embedding") != bool(self.embedding_path):
            raise ValueError("give model_type=saved_embedding and embedding_path together")
        return self
