# What the scripts beside this file share; each sources it after going to the top of the tree.
# A step is one line: its name, then how long it took. What it said lies in .build/log.

packages="postgresql libpq-dev libssl-dev libcurl4-openssl-dev"
oldest_swift=6.2

if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
  green=$(printf '\033[32m') red=$(printf '\033[31m') dim=$(printf '\033[2m')
  plain=$(printf '\033[0m') wipe=$(printf '\r\033[K')
else
  green='' red='' dim='' plain='' wipe=''
fi

# Says what is wrong and what to do, and ends with code 1.
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Milliseconds since some moment.
milliseconds() {
  date +%s%3N
}

# "0.4 s", "37 s" or "4 min 12 s" since the moment $1.
elapsed() {
  spent=$(($(milliseconds) - $1))
  if [ "$spent" -lt 10000 ]; then
    printf '%d.%d s' $((spent / 1000)) $((spent % 1000 / 100))
  elif [ "$spent" -lt 100000 ]; then
    printf '%d s' $((spent / 1000))
  else
    printf '%d min %02d s' $((spent / 60000)) $((spent / 1000 % 60))
  fi
}

# step NAME COMMAND...: runs the command quietly and shows one line; if it fails, also what it said,
# and the script ends.
step() {
  name=$1
  shift
  log=.build/log/$(printf '%s' "$name" | tr -c 'A-Za-z0-9\n' '-').txt
  began=$(milliseconds)
  start_ticker
  if "$@" > "$log" 2>&1; then
    stop_ticker
    printf '%s  %s✓%s %-44s %s%10s%s\n' \
      "$wipe" "$green" "$plain" "$name" "$dim" "$(elapsed "$began")" "$plain"
  else
    stop_ticker
    printf '%s  %s✗%s %-44s %s%10s%s\n\n' \
      "$wipe" "$red" "$plain" "$name" "$dim" "$(elapsed "$began")" "$plain"
    excerpt "$log" >&2
    fail "
$name failed; all that it said is in $PWD/$log"
  fi
}

# On a terminal, shows that the step is under way, and how far a build has come.
start_ticker() {
  ticker=
  [ -n "$wipe" ] || return 0
  (
    while sleep 0.5; do
      count=$(tail -c 2000 "$log" 2> /dev/null | tr '\r' '\n' | grep -o '^\[[0-9]*/[0-9]*\]' | tail -n 1)
      printf '%s  %s·%s %-44s %s%10s  %s%s' \
        "$wipe" "$dim" "$plain" "$name" "$dim" "$(elapsed "$began")" "$count" "$plain"
    done
  ) &
  ticker=$!
  trap 'stop_ticker' EXIT
  trap 'exit 130' INT TERM
}

stop_ticker() {
  [ -n "$ticker" ] || return 0
  kill "$ticker" 2> /dev/null
  wait "$ticker" 2> /dev/null
  ticker=
}

# The lines of a log that tell why something failed; of a short log all of them.
excerpt() {
  if [ "$(wc -l < "$1")" -le 60 ]; then
    cat "$1"
  else
    grep -aE 'error:|✘|↳|Fatal error|fatal:' "$1" | head -n 60
    printf '...\n'
    tail -n 15 "$1"
  fi
}

# Everything that the build and the program need; quick when it is there.
setup() {
  prepare_build_directory
  require_packages
  require_swift
}

prepare_build_directory() {
  mkdir -p .build/log 2> /dev/null || true
  [ -w .build/log ] || fail "$PWD/.build belongs to another user; remove it, or run this as its owner."
}

require_packages() {
  command -v dpkg-query > /dev/null || fail "This needs Debian or Ubuntu, where the packages are:" \
    "$packages. Elsewhere, install PostgreSQL 14 or newer with its server programs and the headers" \
    "of libpq, OpenSSL and libcurl, then build with: swift build -c release --product backfill"
  missing=
  for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) in
      installed) ;;
      *) missing="$missing $package" ;;
    esac
  done
  if [ -n "$missing" ]; then
    find_root
    step "install$missing" install_packages
  fi
}

# Who may install packages is settled before the step, which would hide a question for a password.
find_root() {
  if [ "$(id -u)" = 0 ]; then
    root=
  elif command -v sudo > /dev/null && { sudo -n true 2> /dev/null || { [ -t 0 ] && sudo -v; }; }; then
    root=sudo
  else
    fail "Some packages are missing; let an administrator run: apt-get install -y$missing"
  fi
}

# PostgreSQL's package may start a cluster of its own; this program neither uses nor disturbs it.
# The lists of a new machine may be missing or old; without need they are not fetched.
install_packages() {
  apt_install || { $root apt-get update -q && apt_install; }
}

apt_install() {
  # shellcheck disable=SC2086 # a list of words
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

require_swift() {
  command -v swift > /dev/null || fail "Swift was not found; install Swift $oldest_swift or newer" \
    "from https://www.swift.org/install/linux/ and put it into PATH."
  version=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  first=$(printf '%s\n%s\n' "$oldest_swift" "$version" | sort -V | head -n 1)
  [ -n "$version" ] && [ "$first" = "$oldest_swift" ] || fail "Swift ${version:-of unknown version}" \
    "is too old; install Swift $oldest_swift or newer from https://www.swift.org/install/linux/"
}
