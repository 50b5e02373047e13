"""What a program of Docker's Python client does with containers; DOCKER_HOST names the engine. Says "done" at its end."""

import io
import tarfile

import docker


def archive(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def attach(client):
    container = client.containers.create("busybox", "cat", stdin_open=True)
    sock = container.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
    container.start()
    sock._sock.sendall(b"through the pipe\n")
    sock._sock.shutdown(1)
    assert container.wait()["StatusCode"] == 0
    assert container.logs() == b"through the pipe\n"
    sock.close()
    container.remove()
    streamed = client.containers.run("busybox", "sh -c 'sleep 0.2; echo out; echo err >&2'", detach=True)
    assert sorted(streamed.attach(stream=True, logs=True, stdout=True, stderr=True)) == [b"err\n", b"out\n"]
    # The end of the output is not yet the end of the container.
    streamed.wait()
    streamed.remove()


def executed(container):
    code, (out, err) = container.exec_run("sh -c 'echo out; echo err >&2; exit 3'", demux=True)
    assert (code, out, err) == (3, b"out\n", b"err\n")
    code, out = container.exec_run("id -un", user="nobody", tty=True)
    assert (code, out) == (0, b"nobody\r\n")
    assert b"".join(container.exec_run("seq 3", stream=True).output) == b"1\n2\n3\n"
    assert container.exec_run("sh -c 'echo $WHO'", environment={"WHO": "me"}).output == b"me\n"


def logged(container):
    lines = container.logs(stream=True, follow=True)
    assert [next(lines) for _ in range(2)] == [b"first\n", b"second\n"]
    assert container.logs(tail=1) == b"second\n"
    stamp, _, text = container.logs(timestamps=True).splitlines()[0].partition(b" ")
    assert stamp.endswith(b"Z") and text == b"first"


def measured(container):
    once = container.stats(stream=False)
    assert once["memory_stats"]["usage"] > 0 and once["pids_stats"]["current"] >= 1
    stream = container.stats(decode=True)
    first, second = next(stream), next(stream)
    assert second["cpu_stats"]["system_cpu_usage"] > first["cpu_stats"]["system_cpu_usage"]


def archived(container):
    assert container.put_archive("/tmp", archive("file", b"put\n"))
    assert container.exec_run("cat /tmp/file").output == b"put\n"
    chunks, stat = container.get_archive("/tmp/file")
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        assert tar.extractfile("file").read() == b"put\n"
    assert (stat["name"], stat["size"]) == ("file", 4)


def main():
    client = docker.from_env(timeout=60)
    attach(client)
    container = client.containers.run("busybox", "sh -c 'echo first; echo second; sleep 1000'", detach=True)
    try:
        for check in (executed, logged, measured, archived):
            check(container)
        assert [one.id for one in client.containers.list()] == [container.id]
    finally:
        container.remove(force=True)
    print("done")


main()
