# Gives every constant of an assembly file a section of its own. The compiler has flags to do so for functions only;
# without it, one literal that a program uses keeps every literal of the library.
/^\t\.section\t\.rodata(\.str[0-9.]*)?,/ { constants = 1; alignment = ""; next }
/^\t\.(section|text|data|bss)/ { constants = 0 }
constants && /^\t\.p2align/ { alignment = $0; next }
constants && /^[^ \t@#\/][^ \t]*:/ {
  print "\t.section\t.rodata." room "." ++count ",\"a\",%progbits"
  if (alignment != "") print alignment
  alignment = ""
}
# RISC-V's assembler takes a name that begins with a dollar sign for a register, so Swift's names get an underscore.
!/^\t\.asci[iz]/ { gsub(/\$[es]/, "_&") }
{ print }
