// The program that the tests of this folder disturb. Each of its commands uses files in one way.

import MartletTorture
import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

let arguments = CommandLine.arguments
do {
  guard arguments.count >= 3 else { throw TortureError("Usage: fault-subject COMMAND FOLDER") }
  let folder = arguments[2]
  switch arguments[1] {
  case "publish": try publish(in: folder)
  case "rename-unsynced": try rename(in: folder, synchronizing: false)
  case "rename-synced": try rename(in: folder, synchronizing: true)
  case "replace": try replaceFolder(in: folder)
  case "scribble": try scribble(in: folder)
  case "save": try save(to: "\(folder)/deep/out", in: folder)
  case "save-large": try saveLarge(to: "\(folder)/out", asObjects: false)
  case "save-objects": try saveLarge(to: "\(folder)/out", asObjects: true)
  case "spill": try spill(in: folder)
  case "cache": try cache(in: folder)
  case "pipe-without-status": try pipeWithoutStatus()
  case "run-beside-another": try await runBesideAnother()
  case "stream-batches": try streamBatches(to: "\(folder)/out", in: folder)
  case "deliver": try Delivery(Array(arguments.dropFirst(3)), in: folder).run()
  case "commit": try Committing(Array(arguments.dropFirst(3)), in: folder).run()
  case "stream": try await stream(from: "\(folder)/in", to: "\(folder)/out", in: folder)
  case "recover":
    guard arguments.count == 5, let start = Int(arguments[4]) else { throw TortureError("recover FOLDER INPUT START") }
    try recover(from: arguments[3], at: start, in: folder)
  case "save-tables":
    guard arguments.count == 5, let start = Int(arguments[4]) else {
      throw TortureError("save-tables FOLDER INPUT START")
    }
    try saveTables(from: arguments[3], at: start, in: folder)
  case "read-table":
    guard arguments.count == 4 else { throw TortureError("read-table FOLDER TABLE") }
    try readTable(arguments[3], in: folder)
  case "hold-tables": try holdTables(in: folder)
  case "write-frame":
    guard arguments.count == 4 else { throw TortureError("write-frame FOLDER MODE") }
    try writeFrame(arguments[3], in: folder)
  case "stateful":
    guard arguments.count == 5, let program = StatefulProgram(rawValue: arguments[4]) else {
      throw TortureError("stateful FOLDER INPUT PROGRAM")
    }
    try runStateful(program, from: arguments[3], in: folder)
  case "receive":
    guard arguments.count == 4, let stored = Int(arguments[3]) else { throw TortureError("receive FOLDER STORED") }
    try runReceiver(after: stored, in: folder)
  case "serve":
    guard arguments.count >= 5 else { throw TortureError("serve FOLDER INPUT PROGRAM [OPTION…]") }
    try await serve(arguments[4], from: arguments[3], in: folder, arguments[5...])
  case "limits": tellLimits()
  case "keep-large": try keepLarge(in: folder)
  #if os(Linux)
    case "out-of-threads": try await runOutOfThreads()
  #endif
  default: throw TortureError("There is no command '\(arguments[1])'.")
  }
} catch {
  print("failed: \(error)")
  exit(1)
}
