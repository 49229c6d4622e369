#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import ExampleSupport

/// Sends the lines of a file, in blocks of a thousand, to everybody who connects, until the process is ended.
func serveBlocks(_ port: String, _ path: String) -> Never {
  do {
    guard let port = Int(port), (0...65535).contains(port) else {
      complain("'\(port)' is not a port; ports go from 0, for any free one, to 65535.")
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
    fflush(nil)
    while true { sleep(1000) }
  } catch {
    complain("\(error)")
    exit(1)
  }
}

/// The file in blocks of a thousand lines.
private func readBlocks(_ path: String) throws -> [String] {
  guard let file = freopen(path, "r", stdin) else {
    throw UsageError("Cannot open '\(path)': \(String(cString: strerror(errno)))")
  }
  defer { fclose(file) }
  var blocks: [String] = []
  var block = ""
  var lines = 0
  while let line = readLine(strippingNewline: false) {
    block += line
    lines += 1
    if lines % 1000 == 0 {
      blocks.append(block)
      block = ""
    }
  }
  if !block.isEmpty { blocks.append(block) }
  guard !blocks.isEmpty else { throw UsageError("'\(path)' has no lines.") }
  return blocks
}
