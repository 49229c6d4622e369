import Foundation
import MartletCore
import Testing

@Suite struct SystemFileTests {
  @Test(arguments: [true, false]) func `A file is emptied gradually only if it has no name left`(
    hasOtherName: Bool
  ) throws {
    let path = "\(NSTemporaryDirectory())martlet-\(randomName())"
    let other = path + "-other"
    defer {
      try? Folder.remove(path)
      try? Folder.remove(other)
    }
    let file = try SystemFile.create(path)
    try file.write([UInt8](repeating: 1, count: 3 << 20))
    if hasOtherName { try FileManager.default.linkItem(atPath: path, toPath: other) }
    try Folder.remove(path)
    file.emptyGraduallyIfRemoved()
    #expect(try file.size() == (hasOtherName ? 3 << 20 : 1 << 20))
  }
}
