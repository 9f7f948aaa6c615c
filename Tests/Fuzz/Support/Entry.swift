// What every target shares. A target is one file more in Tests/Fuzz, with `func fuzz(_ input: inout Input)` that demands
// what must be true, or a C file with LLVMFuzzerTestOneInput; and a folder of its name in seeds, when it has any.

/// Where libFuzzer comes in.
@c(LLVMFuzzerTestOneInput) public func runOnce(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  // Sound: libFuzzer's bytes last as long as the call, and they are copied.
  var input = unsafe Input(Array(UnsafeBufferPointer(start: start, count: count)))
  fuzz(&input)
  return 0
}

/// Ends the run with `text` when what must be true is not; libFuzzer keeps the input.
func demand(
  _ condition: Bool, _ text: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(text(), file: file, line: line) }
}
