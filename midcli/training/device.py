"""Which processor trains, and in which precision."""

import torch

from midcli.errors import UsageError


def choose_device(named: str | None) -> torch.device:
    """The device of that name (`cpu`, `cuda`, `cuda:1`), or the best there is. Raises UsageError."""
    if named is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(named)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"device {named}: cannot be used here; cpu can") from error
    return device


def device_words(device: torch.device) -> str:
    """What a result file says about it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, threads: {torch.get_num_threads()}"


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where the processor multiplies matrices of it; elsewhere float32 is faster.

    AVX-512 instructions for bfloat16 alone train the paper's network 1.4 times slower than float32.
    """
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=_has_bfloat16(device))


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # older versions of torch cannot tell; they compute in float32
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return device.type == "cpu" and capabilities.get("amx_bf16", False)
