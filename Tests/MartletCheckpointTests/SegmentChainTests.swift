import MartletCore
import MartletLog
import MartletRDD
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct SegmentChainTests {
  /// A segment for each end, in seconds, with a flag that it holds the complete state.
  private func chain(_ ends: [(Int, Bool)]) -> SegmentChain {
    var chain = SegmentChain()
    for (number, (end, holdsState)) in ends.enumerated() {
      chain.append(part(number), doneThrough: Time(milliseconds: end * 1000), holdsState: holdsState)
    }
    return chain
  }

  private func part(_ number: Int) -> SegmentPart {
    SegmentPart(name: SegmentName(epoch: 1, number: number), length: 1)
  }

  @Test func `Segments are kept from the last complete one before the batches that are still needed`() {
    let cut = [(2, true), (4, true), (6, true), (8, true)]
    let restarted = [(2, true), (4, false), (6, true), (8, false), (8, true)]
    let cases: [(ends: [(Int, Bool)], horizon: Int, kept: [Int])] = [
      // No earlier batch is needed.
      (cut, 8, [3]), (restarted, 8, [4]),
      (cut, 7, [2, 3]), (cut, 6, [2, 3]), (cut, 5, [1, 2, 3]), (cut, 2, [0, 1, 2, 3]),
      // The segments before it are unknown.
      (cut, 1, [0, 1, 2, 3]), (cut, -5, [0, 1, 2, 3]),
      (restarted, 7, [2, 3, 4]), (restarted, 5, [0, 1, 2, 3, 4]), (restarted, 6, [2, 3, 4]), ([(3, false)], 9, [0]),
      ([], 9, []),
    ]
    for (ends, horizon, kept) in cases {
      var chain = chain(ends)
      let dropped = chain.dropOld(before: Time(milliseconds: horizon * 1000))
      #expect(chain.parts == kept.map(part), "\(ends) \(horizon)")
      #expect(dropped + chain.parts == ends.indices.map(part), "\(ends) \(horizon)")
    }
  }

  @Test func `The last state begins with the last segment that holds all of it`() {
    #expect(chain([]).countForState == 0)
    #expect(chain([(1, false), (2, false)]).countForState == 2)
    #expect(chain([(1, true), (2, true), (3, false), (3, false)]).countForState == 3)
  }
}
