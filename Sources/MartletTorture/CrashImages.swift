/// A possible state of the folder after a power failure at a certain moment.
public struct CrashImage: Sendable {
  public var tree: DiskTree
  /// The number of calls that had ended.
  public var calls: Int
  /// The marks that the program had set with `mark` by then.
  public var marks: [String]
  /// A description of the parts that had reached the disk.
  public var story: String
}

extension CrashImage: CustomStringConvertible {
  public var description: String { "\(story): \(tree)" }
}

extension DiskModel {
  /// The images that a power failure may leave at any moment of a run.
  ///
  /// At each moment: nothing, or everything, that is not certain has reached the disk; all names but no bytes, or
  /// zeros; each name alone, and all but it; each file alone in each way in which its bytes may be missing; and random
  /// combinations. An image that already occurred with the same marks is left out.
  ///
  /// - Parameters:
  ///   - samples: the number of random combinations at each moment.
  ///   - sample: the approximate number of images, of moments and kinds chosen at random; all if this is nil.
  ///   - all: true to ignore `sample`, as in a full sweep.
  ///   - seed: the seed of the random combinations.
  package func crashImages(
    _ trace: Trace, samples: Int = 4, sample: Int? = nil, all: Bool = Sweep.isFull, seed: UInt64 = Sweep.seed
  ) throws -> [CrashImage] {
    // Many moments with few images each show more than few moments with many.
    let sample = all ? nil : sample
    let moments = Set(Sweep.some(Array(0...trace.calls.count), sample))
    struct Seen: Hashable {
      var tree: DiskTree
      var marks: [String]
    }
    var model = self
    var random = SeededGenerator(seed: seed)
    var seen: Set<Seen> = []
    var images: [CrashImage] = []
    var marks: [String] = []

    func add(at calls: Int) {
      guard moments.contains(calls) else { return }
      let last = calls == 0 ? "before the first call" : "after call \(trace.calls[calls - 1])"
      for (tree, story) in model.possibleTrees(samples: samples, &random)
      where seen.insert(Seen(tree: tree, marks: marks)).inserted {
        images.append(CrashImage(tree: tree, calls: calls, marks: marks, story: "\(last), \(story)"))
      }
    }
    add(at: 0)
    for (i, call) in trace.calls.enumerated() {
      try model.apply(call)
      if let mark = call.mark { marks.append(mark) }
      add(at: i + 1)
    }
    return Sweep.some(images, sample)
  }

  /// One of the folders that a power failure may leave now, chosen at random.
  package func randomImage(_ random: inout SeededGenerator) -> (tree: DiskTree, story: String) {
    let images = possibleTrees(samples: 8, &random)
    return images[Int.random(in: 0..<images.count, using: &random)]
  }

  private func possibleTrees(
    samples: Int, _ random: inout SeededGenerator
  ) -> [(tree: DiskTree, story: String)] {
    var found: [(tree: DiskTree, story: String)] = []
    let all = Set(steps.indices)
    let open = objects.indices.filter { if case .file(let file) = objects[$0] { file.hasPending } else { false } }

    func add(_ story: String, keeping kept: Set<Int>, _ outcome: (FileID) -> FileModel.Outcome) {
      found.append((tree(keeping: kept, outcome), story))
    }
    add("all has come to the disk", keeping: all) { _ in .all }
    if steps.isEmpty && open.isEmpty { return found }
    add("only what is certain has come to the disk", keeping: []) { _ in .none }
    add("all bytes, no names", keeping: []) { _ in .all }
    add("all names, no bytes", keeping: all) { _ in .none }
    add("all names, zeros for bytes", keeping: all) { _ in .zeros }
    for i in steps.indices {
      for bytes in [FileModel.Outcome.all, .none] {
        add("of the names only \(steps[i].call), \(bytes) of the bytes", keeping: withNeeds([i])) { _ in bytes }
        let others = all.filter { !withNeeds([$0]).contains(i) }
        add("all names but \(steps[i].call), \(bytes) of the bytes", keeping: others) { _ in bytes }
      }
    }
    for id in open {
      for outcome in outcomes(id) {
        add("all names, \(outcome) of file \(id)", keeping: all) { $0 == id ? outcome : .all }
      }
    }
    for sample in 0..<samples {
      let kept = withNeeds(steps.indices.filter { _ in Bool.random(using: &random) })
      var chosen: [FileID: FileModel.Outcome] = [:]
      for id in open { chosen[id] = outcomes(id).randomElement(using: &random) }
      add("random combination \(sample)", keeping: kept) { chosen[$0] ?? .all }
    }
    return found
  }

  private func outcomes(_ id: FileID) -> [FileModel.Outcome] {
    if case .file(let file) = objects[id] { file.outcomes } else { [] }
  }
}
