"""The running server: sockets, connections, the control surface, and `MockRunflow`."""

from importlib.util import find_spec

for _name in ("jsonschema_rs", "PIL", "starlette", "uvicorn"):
    if find_spec(_name) is None:
        raise ModuleNotFoundError(
            f'the mock server needs {_name}: pip install "runflow-client[mock]"', name=_name
        )
