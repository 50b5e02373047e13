# Sourced by the suites that run inside the guest: how they tell what they find, and the image they use.
passed=0 failed=0
# What is told is read outside as it comes: the second serial line.
stty -F /dev/ttyS1 raw && exec >/dev/ttyS1 2>&1

tell() {
  local sentence=$1 wanted=$2 found=$3
  if [ "$4" = 0 ]; then
    passed=$((passed + 1)) && printf 'ok     %4d s  %s\n' $SECONDS "$sentence"
  else
    failed=$((failed + 1)) && printf 'FAILED %4d s  %s\n  wanted: %s\n  found:  %s\n' $SECONDS "$sentence" "$wanted" "$found"
  fi
}
# is SENTENCE WANTED COMMAND...: the command prints exactly that.
is() {
  local sentence=$1 wanted=$2 found
  shift 2
  found=$("$@" 2>&1)
  [ "$found" = "$wanted" ]
  tell "$sentence" "$wanted" "$found" $?
}
# has SENTENCE PATTERN COMMAND...: the command prints something that matches the extended regular expression.
has() {
  local sentence=$1 wanted=$2 found
  shift 2
  found=$("$@" 2>&1)
  grep -qE -- "$wanted" <<<"$found"
  tell "$sentence" "$wanted" "$found" $?
}
# soon SENTENCE WANTED COMMAND...: ... at the latest after some time.
soon() {
  local wanted=$2 end=$((SECONDS + 90))
  until [ "$("${@:3}" 2>&1)" = "$wanted" ] || [ $SECONDS -ge $end ]; do sleep 0.5; done
  is "$@"
}

# Makes an image "busybox" of the guest's own.
import_busybox() {
  if [ ! -d /tmp/root ]; then
    mkdir -p /tmp/root/bin && cp /bin/busybox /tmp/root/bin/ && busybox --install -s /tmp/root/bin
    for applet in /tmp/root/bin/*; do [ ! -L "$applet" ] || ln -sfn busybox "$applet"; done
  fi
  tar -C /tmp/root -c . | ./docker import -c 'CMD ["sh"]' - busybox >/dev/null
}
