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

extension LoopbackServer {
  /// A server that sends messages with hashtags, 40 a second: the lines of the demo text, their long words as tags.
  public static func demoMessages() throws -> LoopbackServer {
    try LoopbackServer { connection in
      while true {
        for line in demoLines {
          let words = line.split(separator: " ").map { $0.count > 5 ? "#\($0)" : "\($0)" }
          guard connection.send(words.joined(separator: " ") + "\n") else { return }
          pause(milliseconds: 25)
        }
      }
    }
  }
}

/// The lines of the demo text.
public let demoLines = demoText.split(separator: "\n").map(String.init)
