#if !Tools

/// Stands in for the command line when the package is built without its trait `Tools`, which brings argument-parser.
@main struct WithoutTools {
  static func main() {
    complain("mote was built without its command line. Build it with: swift build --traits Tools --product mote")
    leave(.usage)
  }
}

#endif
