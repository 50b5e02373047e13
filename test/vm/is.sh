# Sourced by the suites that run inside the guest.
passed=0 failed=0

# is SENTENCE WANTED COMMAND...: the command prints exactly that.
is() {
  local sentence=$1 wanted=$2 found
  shift 2
  found=$("$@" 2>&1)
  if [ "$found" = "$wanted" ]; then
    passed=$((passed + 1)) && echo "ok      $sentence"
  else
    failed=$((failed + 1)) && printf 'FAILED  %s\n  wanted: %s\n  found:  %s\n' "$sentence" "$wanted" "$found"
  fi
}

# An image "busybox" of the guest's own busybox.
import_busybox() {
  if [ ! -d /tmp/root ]; then
    mkdir -p /tmp/root/bin && cp /bin/busybox /tmp/root/bin/ && busybox --install -s /tmp/root/bin
    for applet in /tmp/root/bin/*; do [ ! -L "$applet" ] || ln -sfn busybox "$applet"; done
  fi
  tar -C /tmp/root -c . | ./docker import -c 'CMD ["sh"]' - busybox >/dev/null
}
