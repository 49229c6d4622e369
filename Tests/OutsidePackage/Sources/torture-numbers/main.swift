// Kills the program numbers again and again, fails its disk, cuts its power, and compares what it leaves:
// torture-numbers [ROUNDS [SEED [FIRST]]]

import Foundation
import MartletTorture

let numbers = FaultyProgram("numbers", ["FOLDER"])
let torture = Torture(numbers) { _, portion in
  portion == 0 ? (1...3_000).map(String.init) : []
} output: { folder in
  let table = URL(filePath: "\(folder)/table")
  return try FileManager.default.contentsOfDirectory(at: table, includingPropertiesForKeys: nil)
    .filter { $0.pathExtension != "new" }
    .flatMap { try String(contentsOf: $0, encoding: .utf8).split(separator: "\n").map(String.init) }
}

let options = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let report = try await torture.run(
  rounds: options.first ?? 100, seed: options.count > 1 ? UInt64(options[1]) : nil,
  first: options.count > 2 ? options[2] : 0)
print(report)
exit(report.isClean ? 0 : 1)
