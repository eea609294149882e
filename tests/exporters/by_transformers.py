"""Float networks of Hugging Face's transformers, from their config classes, of random weights.

Those that read words are given embeddings: the look-up of a word is the host's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
from exporters.exporting import exported, quiet, with_torchvision
from exporters.family import Family, Made
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor


class _Answer(nn.Module):
    """A model's first answer alone, given pictures or embeddings."""

    def __init__(self, model: nn.Module, argument: str) -> None:
        super().__init__()
        self.model, self.argument = model, argument

    def forward(self, x: Tensor) -> Tensor:
        return self.model(**{self.argument: x}, return_dict=False)[0]


def _model(name: str) -> tuple[nn.Module, tuple[int, ...]]:
    import transformers as hf

    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    words = (1, 12, 32)
    if name == "bert":
        config = hf.BertConfig(**small, intermediate_size=64, vocab_size=50)
        return _Answer(hf.BertForSequenceClassification(config), "inputs_embeds"), words
    if name == "vit":
        config = hf.ViTConfig(**small, intermediate_size=64, image_size=16, patch_size=4)
        return _Answer(hf.ViTForImageClassification(config), "pixel_values"), (1, 3, 16, 16)
    if name == "gpt2":
        config = hf.GPT2Config(
            n_embd=32, n_layer=2, n_head=2, vocab_size=50, n_positions=16, use_cache=False
        )
        return _Answer(hf.GPT2LMHeadModel(config), "inputs_embeds"), words
    config = hf.LlamaConfig(
        **small, intermediate_size=64, vocab_size=50, num_key_value_heads=1, use_cache=False
    )
    return _Answer(hf.LlamaForCausalLM(config), "inputs_embeds"), words


def _made(name: str, dynamo: bool, attention: str) -> Made:
    with_torchvision()
    torch.manual_seed(5)
    with quiet():
        net, shape = _model(name)
        net.model.set_attn_implementation(attention)  # type: ignore[operator, union-attr]
    opset = 20 if dynamo else 17
    return exported(net.eval(), [torch.randn(shape)], dynamo=dynamo, opset=opset)


def families() -> list[Family]:
    """Return the four networks in both forms of attention, by both exporters.

    The older one does not write the masks of GPT-2 and Llama (aten::diff).
    """
    names = ("bert", "vit", "gpt2", "llama")
    graphs = {f"{n}, eager": partial(_made, n, False, "eager") for n in names[:2]}
    graphs |= {f"{n}, eager, dynamo": partial(_made, n, True, "eager") for n in names[2:]}
    graphs |= {f"{n}, sdpa, dynamo": partial(_made, n, True, "sdpa") for n in names}
    return [Family("transformers", ("transformers",), "pip install transformers", graphs)]
