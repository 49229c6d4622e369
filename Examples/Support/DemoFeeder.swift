extension LoopbackServer {
  /// A server that replays the demo text, 40 lines a second, over and over.
  public static func demo() throws -> LoopbackServer {
    try LoopbackServer { connection in
      while true {
        for line in demoLines {
          guard connection.send("\(line)\n") else { return }
          pause(milliseconds: 25)
        }
      }
    }
  }
}

/// The lines of the demo text.
public let demoLines = demoText.split(separator: "\n").map(String.init)
