"""The environment of an engine's process: what Python, its libraries and drivers read, and nothing of the server's.

The server's own has secrets - keys of the operator, of the database, of object stores - that an engine has no use for.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

_NAMES = frozenset(
    (
        # where programs, libraries, homes and scratch folders are
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TMP", "TEMP", "VIRTUAL_ENV", "CONDA_PREFIX",
        "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LANG", "LANGUAGE", "TZ",
        # how weights are fetched
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY",
        "ALL_PROXY", "NO_PROXY", "HUGGING_FACE_HUB_TOKEN",
        # what Windows needs
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
        "PROGRAMDATA", "PROGRAMFILES", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    )
)  # fmt: skip
_FAMILIES = (
    "LC_", "PYTHON", "MALLOC_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NUMBA_", "OPENCV_",
    "CUDA_", "CUDNN_", "CUBLAS_", "NVIDIA_", "NCCL_", "HIP_", "ROCR_", "HSA_", "ROCM_", "MIOPEN_", "SYCL_", "ZE_",
    "TORCH", "PYTORCH_", "TRITON_", "SAFETENSORS_", "HF_", "TRANSFORMERS_", "DIFFUSERS_", "ACCELERATE_", "OTEL_",
)  # fmt: skip


def engine_environment(
    extra: Mapping[str, str], variables: Collection[str] = (), *, server: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What an engine's process gets.

    Args:
        extra: what it gets beside that, such as the one GPU it may see.
        variables: that this engine reads itself.
        server: the environment that it is taken from.
    """

    def is_kept(name: str) -> bool:
        upper = name.upper()  # those of proxies come in small letters too
        return name in variables or upper in _NAMES or upper.startswith(_FAMILIES)

    return {name: value for name, value in server.items() if is_kept(name)} | dict(extra)
