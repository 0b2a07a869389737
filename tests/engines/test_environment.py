from __future__ import annotations

from opendance.engines.environment import engine_environment

SERVER = {
    "PATH": "/bin", "HOME": "/home/x", "LC_ALL": "C", "https_proxy": "http://proxy", "PYTHONPATH": "/src",
    "LD_LIBRARY_PATH": "/cuda", "CUDA_HOME": "/cuda", "NVIDIA_VISIBLE_DEVICES": "all", "HF_TOKEN": "hf", "HF_HOME": "/w",
    "TORCHINDUCTOR_CACHE_DIR": "/t", "PYTORCH_CUDA_ALLOC_CONF": "x", "NUMBA_CACHE_DIR": "/n", "OMP_NUM_THREADS": "2",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel",
}  # fmt: skip
SECRETS = {
    "OPENDANCE_ADMIN_KEY": "k", "OPENDANCE_DATABASE_URL": "postgresql://", "OPENDANCE_ENGINE__ARK__API_KEY": "a",
    "AWS_SECRET_ACCESS_KEY": "s", "AZURE_STORAGE_ACCOUNT_KEY": "s", "GOOGLE_SERVICE_ACCOUNT": "/f",
    "POSTGRES_PASSWORD": "p", "PGPASSWORD": "p", "KUBERNETES_SERVICE_HOST": "10.0.0.1", "MY_KEY": "m",
}  # fmt: skip


def test_an_engine_gets_what_libraries_and_drivers_read_and_no_secret_of_the_server() -> None:
    assert engine_environment({}, server=SERVER | SECRETS) == SERVER


def test_what_the_engine_names_and_what_its_host_adds_comes_on_top() -> None:
    given = engine_environment({"CUDA_VISIBLE_DEVICES": "1"}, ("MY_KEY",), server=SERVER | SECRETS)
    assert given == SERVER | {"MY_KEY": "m", "CUDA_VISIBLE_DEVICES": "1"}
