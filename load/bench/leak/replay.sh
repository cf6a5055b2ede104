#!/bin/sh
# Stands in for ffmpeg and ffprobe: what the real one answered the first time is answered again, without any media work.
#
#   replay.sh STORE TOOL [arguments]
#
# The same run has the same results: it is known by its arguments and by the bytes of the files and of the standard input
# that it reads. What it printed, logged, reported on fd 3, made in its folder, and how it ended, is kept under STORE.
set -u
store=$1 tool=$2
shift 2
input=/dev/null
case " $* " in *' pipe:0 '*)
  input=$store/input.$$
  cat >"$input"
  ;;
esac
# Files are known by what is in them: their places differ from job to job.
key=$(
  {
    echo "$tool"
    for argument; do
      case $argument in
        file:*) if [ -f "${argument#file:}" ]; then cat "${argument#file:}"; fi ;;
        *) printf '%s\n' "$argument" ;;
      esac
    done
    if [ "$input" != /dev/null ]; then cat "$input"; fi
  } | md5sum
)
kept=$store/${key%% *}
if [ -d "$kept" ]; then
  if [ -d "$kept/files" ]; then cp -R "$kept/files/." .; fi
else
  mine=$store/run.$$
  mkdir "$mine"
  : >"$mine/before"
  "$tool" "$@" <"$input" >"$mine/stdout" 2>"$mine/stderr" 3>"$mine/progress"
  echo $? >"$mine/status"
  # Only encodes, which report their progress, have a folder of their own.
  case " $* " in *' pipe:3 '*)
    mkdir "$mine/files"
    find . -type f -newer "$mine/before" -exec cp --parents {} "$mine/files" \;
    rmdir "$mine/files" 2>/dev/null
    ;;
  esac
  printf '%s\n' "$*" >"$mine/arguments"
  # Another run of the same may have been faster.
  mv -T "$mine" "$kept" 2>/dev/null || rm -rf "$mine"
fi
if [ "$input" != /dev/null ]; then rm -f "$input"; fi
read -r status <"$kept/status"
if [ -s "$kept/stdout" ]; then cat "$kept/stdout"; fi
if [ -s "$kept/stderr" ]; then cat "$kept/stderr" >&2; fi
if [ -s "$kept/progress" ]; then cat "$kept/progress" >&3; fi
exit "$status"
