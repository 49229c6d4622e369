#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import ExampleSupport
import Martlet

/// Sends the lines of a file, in blocks of a thousand, to each client, until the process ends.
func serveBlocks(_ port: String, _ path: String) -> Never {
  do {
    guard let port = Int(port), (0...65535).contains(port) else {
      writeToStandardError("'\(port)' is not a port; ports go from 0, for any free one, to 65535.\n")
      exit(2)
    }
    let blocks = try readBlocks(path)
    let server = try LoopbackServer(port: port) { connection in
      while true {
        for block in blocks {
          guard connection.send(block: block) else { return }
          pause(milliseconds: 1)
        }
      }
    }
    print("Sending \(path) on 127.0.0.1:\(server.port)")
    while true { sleep(1000) }
  } catch {
    writeToStandardError("\(error)\n")
    exit(1)
  }
}

/// The file in blocks of a thousand lines.
private func readBlocks(_ path: String) throws -> [String] {
  let lines = try MartletContext(master: "local[1]", appName: "serve").textFile(path).collect()
  guard !lines.isEmpty else { throw UsageError("'\(path)' has no lines.") }
  return stride(from: 0, to: lines.count, by: 1000).map { start in
    lines[start..<min(start + 1000, lines.count)].map { "\($0)\n" }.joined()
  }
}
