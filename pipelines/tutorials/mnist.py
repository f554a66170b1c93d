"""MNIST: convolutional networks on images of handwritten digits."""

from pipelines.datasets.remote import RemoteFile
from pipelines.datasets.samples import mnist as sample
from pipelines.spec import PipelineSpec, Source, Threshold
from pipelines.tasks import MULTICLASS
from trainer_modules.mnist import features as f
from trainer_modules.mnist.parameters import MnistParameters

_MIRROR = "https://storage.googleapis.com/cvdf-datasets/mnist"


def _layout(train: str, test: str) -> dict[str, str]:
    return {"train": train, "eval": train, "test": test}


def _file(name: str, size: int, sha256: str) -> RemoteFile:
    return RemoteFile(name, (f"{_MIRROR}/{name}",), size, sha256)


PIPELINE = PipelineSpec(
    name="mnist",
    title="Convolutional network on MNIST",
    task=MULTICLASS,
    label=f.LABEL,
    source=Source(
        name="MNIST",
        url="http://yann.lecun.com/exdb/mnist/",
        rows="60,000 to train, 10,000 to test",
        example_gen="components.image_example_gen.component.ImageExampleGen",
        layouts=(
            _layout("train-*-idx?-ubyte.gz", "t10k-*-idx?-ubyte.gz"),
            # Unpacked files are named train-images-idx3-ubyte or train-images.idx3-ubyte.
            _layout("train-*idx?-ubyte", "t10k-*idx?-ubyte"),
            # A user's own images, such as train/7/first.png.
            _layout("train/*/*", "test/*/*"),
        ),
        hash_buckets={"train": 9, "eval": 1},
        remote=(
            _file(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            _file(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            _file(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            _file(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
        sample=sample.write,
        test_digest="64c025e1dd92b635e9d85b5466184f7d",
        options={"images": {"height": f.SIDE, "width": f.SIDE}},
    ),
    model="convolutions with batch normalization",
    trainer="trainer_modules.mnist",
    parameters=MnistParameters,
    thresholds=(Threshold("accuracy", limit=0.9, max_drop=0.01),),
    slices=((f.LABEL,),),
    error_features=(f.IMAGE, f.HEIGHT, f.WIDTH, "id"),
    reference_url="https://github.com/tensorflow/docs/blob/master/site/en/r1/tutorials/estimators/cnn.ipynb",
    reference_metrics={"accuracy": 0.9895, "loss": 0.0319},
    model_card={
        "Use": "Shows image classification. It reads single handwritten digits.",
        "Not for": "Digits that are not centered, light on dark, and 28 pixels wide, such as "
        "photos.",
        "Data": "60,000 digits to train, 10,000 to test, written by census employees and high "
        "school students in the US (LeCun et al. 1998).",
        "Limits": "It assigns a digit to every image, even if the image shows something else.",
    },
)
