import Foundation
import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// A folder with the input, the checkpoint and the output of a program, which can be copied while the program runs: an
/// image of the state after a kill.
final class ProgramFolder: Sendable {
  let path: String
  private let images = Mutex<[(step: String, path: String)]>([])

  init(_ path: String) throws {
    self.path = path
    for name in ["in", "out", "checkpoint"] { try Folder.create("\(path)/\(name)") }
  }

  /// Uses an existing folder.
  init(existing path: String) { self.path = path }

  /// Moves a complete file in.
  func add(_ name: String, _ text: String) throws {
    let file = "\(path)/\(name)"
    // A name that is younger than the contents distinguishes the file from one that is still being written.
    try writeStreamInput(file, text)
    try Folder.rename(file, to: "\(path)/in/\(name)")
  }

  /// Takes a copy of everything in its present state: of the input, as other names for the same files.
  func takeImage(_ step: String) {
    let image = "\(path)-image-\(randomName())"
    do {
      try copyFolder(path, to: image)
    } catch {
      Issue.record("no image could be taken at \(step): \(error)")
    }
    images.withLock { $0.append((step, image)) }
  }

  /// Replaces everything with a copy.
  func restore(_ image: String) throws {
    try Folder.remove(path)
    try Folder.rename(image, to: path)
  }

  /// The copies, with the step of each.
  func takeImages() -> [(step: String, path: String)] {
    images.withLock { images in
      defer { images = [] }
      return images
    }
  }

  /// The lines of every batch's folder, by the folder's name.
  func output() throws -> [String: [String]] {
    var output: [String: [String]] = [:]
    for folder in try Folder.names("\(path)/out") where !folder.hasPrefix(".") {
      let files = try Folder.names("\(path)/out/\(folder)").filter { $0.hasPrefix("part-") }
      output[folder] = try files.flatMap { file in
        let bytes = try SystemFile.read("\(path)/out/\(folder)/\(file)").readAll()
        return String(decoding: bytes.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      }
    }
    return output
  }
}

/// A context of a program over `folder`, on a clock that shows `time`.
func recoverable(
  _ folder: String, at time: Time = Time(milliseconds: 0), options: CheckpointOptions = CheckpointOptions(),
  master: String = "local[2]", segmentBytes: Int = 4 << 20, onStep: (@Sendable (BatchStep) -> Void)? = nil
) -> TestStreamingContext {
  let test = TestStreamingContext(master: master)
  test.clock.set(time)
  test.context.checkpoint("\(folder)/checkpoint", options: options)
  test.context.withCheckpointSettings { settings in
    settings?.segmentBytes = segmentBytes
    settings?.onStep = onStep
    // The folder must not change while a step is examined.
    settings?.awaitsRemoval = true
  }
  return test
}

/// Copies a folder; linked files from elsewhere remain the same files.
func copyFolder(_ path: String, to copy: String) throws {
  try Folder.create("\(copy)/in")
  for name in try Folder.names("\(path)/in") {
    try FileManager.default.linkItem(atPath: "\(path)/in/\(name)", toPath: "\(copy)/in/\(name)")
  }
  for name in ["checkpoint", "out"] {
    try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(copy)/\(name)")
  }
}
