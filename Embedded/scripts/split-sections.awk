# Gives every constant and function of an assembly file a section that no other room has. The compiler does so for
# functions only, and names those that it outlines alike in every room, so that the partial link would join them: one
# literal or outlined function that a program uses would keep all literals, or functions of other rooms.
# Nor does any room keep Swift's exception personality, which every one has and nobody calls.
/_swift_exceptionPersonality,"axR"/ { sub(/axR/, "ax") }
/^\t\.section\t\.rodata(\.(str|cst)[0-9.]*)?,/ { constants = 1; alignment = ""; next }
/^\t\.(section|text|data|bss)/ { constants = 0 }
{ sub(/^\t\.section\t"?\.text\./, "&" room ".") }
constants && /^\t\.p2align/ { alignment = $0; next }
constants && /^("(\\.|[^"\\])*"|[^ \t@#\/"][^ \t]*):/ {
  print "\t.section\t.rodata." room "." ++count ",\"a\",%progbits"
  if (alignment != "") print alignment
  alignment = ""
}
# RISC-V's assembler takes a name that begins with a dollar sign for a register, so Swift's names get an underscore.
!/^\t\.asci[iz]/ { gsub(/\$[es]/, "_&") }
{ print }
