"""Hyper-parameters of the models of reviews. Imports without TensorFlow."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from trainer_modules.shared.parameters import HiddenUnits, Parameters


class ImdbParameters(Parameters):
    """The model and how it is trained.

    Defaults of `ngram` were chosen by cross-validation on the training reviews; those of
    `embedding` and `multi_hot` are the tutorials'.
    """

    model_type: Literal["ngram", "embedding", "multi_hot", "saved_embedding"] = Field(
        "ngram",
        description="n-grams weighted by naive Bayes; the tutorial's mean of embeddings; words "
        "present, as in the tutorial's study of over- and underfitting; a text embedding given by "
        "embedding_path",
    )
    ngrams: int = Field(3, ge=1, le=5, description="ngram: most words in a row")
    min_reviews: int = Field(
        2, ge=1, description="ngram: training reviews that must hold an n-gram"
    )
    smoothing: float = Field(1.0, gt=0, description="ngram: added to the counts of each n-gram")
    refit: bool = Field(
        True, description="ngram: learn again from train and eval once eval's figures are known"
    )
    inverse_l2: float = Field(10.0, gt=0, description="ngram: C of the logistic regression")
    vocabulary: int = Field(10_000, ge=1, description="others: the most frequent words to know")
    length: int = Field(256, ge=1, le=100_000, description="embedding: last words of a review")
    embedding_size: int = Field(16, ge=1, le=4096, description="embedding: width of each")
    embedding_path: str = Field(
        "", description="saved_embedding: folder of a SavedModel, string [n] -> float32 [n, width]"
    )
    train_embedding: bool = Field(
        False, description="saved_embedding: train the embedding too, not only what follows it"
    )
    hidden_units: HiddenUnits = Field((16,), description="others: widths of the dense layers")
    l2: float = Field(0.0, ge=0, description="multi_hot: L2 penalty on the dense layers")
    dropout: float = Field(0.0, ge=0, lt=1, description="others: share of hidden units dropped")
    epochs: int = Field(40, ge=1, le=10_000, description="others: passes over the training split")
    batch_size: int = Field(512, ge=1, le=65536, description="others: reviews per step")
    learning_rate: float = Field(0.001, gt=0, le=10, description="others: Adam's")
    patience: int = Field(
        5, ge=1, description="others: epochs without a better eval loss before stopping"
    )

    @model_validator(mode="after")
    def _has_its_embedding(self) -> ImdbParameters:
        if (self.model_type == "saved_embedding") != bool(self.embedding_path):
            raise ValueError("model_type=saved_embedding and embedding_path belong together")
        return self
