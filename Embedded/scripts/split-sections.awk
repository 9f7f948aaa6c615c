# Gives every constant of an assembly file a section of its own, as the compiler does for functions only: else one literal
# that a program uses would keep all of them. Nor is Swift's exception personality kept, which nobody calls.
/_swift_exceptionPersonality,"axR"/ { sub(/axR/, "ax") }
/^\t\.section\t\.rodata(\.(str|cst)[0-9.]*)?,/ { constants = 1; alignment = ""; next }
/^\t\.(section|text|data|bss)/ { constants = 0 }
constants && /^\t\.p2align/ { alignment = $0; next }
constants && /^("(\\.|[^"\\])*"|[^ \t@#\/"][^ \t]*):/ {
  print "\t.section\t.rodata." ++count ",\"a\",%progbits"
  if (alignment != "") print alignment
  alignment = ""
}
# RISC-V's assembler takes a name that begins with a dollar sign for a register, so Swift's names get an underscore.
!/^\t\.asci[iz]/ { gsub(/\$[es]/, "_&") }
{ print }
