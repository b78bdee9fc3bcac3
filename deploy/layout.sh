# Lays programs out the way a Unix prefix has them: bin, man pages, shell completion. Sourced by archive.sh and debian/package.sh.
# The pages and the completion are written by the programs themselves, from the definitions of their options.

# layout PROGRAMS PREFIX ZSH: the folder of the executables, the prefix, and where zsh looks for functions below share/zsh.
layout() {
    local programs="$1" prefix="$2" zsh="$3" name
    mkdir -p "$prefix/bin" "$prefix/share/man/man1" "$prefix/share/bash-completion/completions" "$prefix/share/zsh/$zsh" \
        "$prefix/share/fish/vendor_completions.d"
    for name in rawecho-server rawecho-client rawecho-diagnostics rawecho-certs; do
        install -m 755 "$programs/$name" "$prefix/bin/$name"
        "$programs/$name" man | gzip -9n >"$prefix/share/man/man1/$name.1.gz"
        "$programs/$name" completion bash >"$prefix/share/bash-completion/completions/$name"
        "$programs/$name" completion zsh >"$prefix/share/zsh/$zsh/_$name"
        "$programs/$name" completion fish >"$prefix/share/fish/vendor_completions.d/$name.fish"
    done
}

# version PROGRAMS: 0.1.0-alpha.0.400
version() { "$1/rawecho-server" --version | sed 's/.* //'; }

# The time of the last commit, so that the same sources give the same package; where there is no git, now.
source_time() { git -C "$1" log -1 --format=%ct 2>/dev/null || date +%s; }
