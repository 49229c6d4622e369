import MartletCore
package import MartletStreaming

/// The sources and stateful operators of a graph, and the ids by which a checkpoint identifies them.
///
/// A source is identified by its input, such as `textFileStream("/data/in")`; a stateful operator by its kind and by
/// the nearest sources, stateful and named operators that it is computed from, such as
/// `updateStateByKey(textFileStream("/data/in"))`. Stateless operators are not part of an id, so they may change. A
/// name set by the program replaces an id. If two operators have the same id, names are required: their order in the
/// program never decides which state belongs to which.
///
/// The ids that they would have without names are also known, so that an operator that is named later can continue from
/// its earlier state.
package struct OperatorIDs {
  package private(set) var inputs: [(id: String, input: any InputNode)] = []
  package private(set) var operators: [(id: String, node: any StatefulNode)] = []
  /// Parents precede children.
  package private(set) var windows: [any WindowNode] = []
  /// Streams computed from state.
  package private(set) var stateOutputs: [any StateOutputNode] = []
  /// The ids, by the number of the stream.
  private var ids: [Naming: [Int: String]] = [:]
  /// For each stateful operator, by its number as a stream, its ids without a name of its own.
  private var places: [Int: [Naming: String]] = [:]

  /// The names that are part of an id.
  private enum Naming: CaseIterable {
    case all
    /// The names of stateful operators.
    case ofStates
    case none

    func counts(_ node: any StreamNode) -> Bool {
      guard node.name != nil else { return false }
      switch self {
      case .all: return true
      case .ofStates: return node is any StatefulNode
      case .none: return false
      }
    }
  }

  /// - Throws: `MartletError` if two operators cannot be told apart.
  package init(_ graph: StreamGraph) throws {
    // In the order of the program, with parents first.
    let nodes = StreamGraph.streams(from: graph.outputs.map(\.root) + graph.inputs).sorted { $0.id < $1.id }
    for node in nodes {
      if let input = node as? any InputNode {
        inputs.append((id(of: node), input))
        _ = id(of: node, .none)
      }
      if let window = node as? any WindowNode { windows.append(window) }
      if let output = node as? any StateOutputNode { stateOutputs.append(output) }
      if let stateful = node as? any StatefulNode {
        operators.append((id(of: node), stateful))
        for naming in Naming.allCases {
          places[node.id, default: [:]][naming] = identity(of: node, anchors(of: node, naming), naming)
        }
      }
    }
    try demandNames(nodes)
  }

  private mutating func id(of node: any StreamNode, _ naming: Naming = .all) -> String {
    if let known = ids[naming]?[node.id] { return known }
    let name = naming.counts(node) ? node.name : nil
    let id = name.map { "name:\($0)" } ?? identity(of: node, anchors(of: node, naming), naming)
    ids[naming, default: [:]][node.id] = id
    return id
  }

  /// The identity of a stream without its name.
  private func identity(of node: any StreamNode, _ anchors: [String], _ naming: Naming) -> String {
    if let input = node as? any RecoverableInput {
      return naming == .none ? input.spelledIdentity : input.inputIdentity
    }
    if node is any InputNode { return node.site.name }
    let operation = (node as? any StatefulNode)?.stateForm.operation ?? node.site.name
    return "\(operation)(\(anchors.joined(separator: ", ")))"
  }

  /// The ids of the nearest sources, stateful and named operators that `node` is computed from, without duplicates.
  private mutating func anchors(of node: any StreamNode, _ naming: Naming) -> [String] {
    var found: Set<String> = []
    var seen: Set<Int> = []
    var waiting = node.dependencies
    while let parent = waiting.popLast() {
      guard seen.insert(parent.id).inserted else { continue }
      if naming.counts(parent) || parent is any InputNode || parent is any StatefulNode {
        found.insert(id(of: parent, naming))
      } else {
        waiting += parent.dependencies
      }
    }
    return found.sorted()
  }

  private func demandNames(_ nodes: [any StreamNode]) throws {
    var named: [String: any StreamNode] = [:]
    for node in nodes {
      guard let name = node.name else { continue }
      if let other = named.updateValue(node, forKey: name) {
        throw MartletError(
          .invalidConfiguration,
          """
          Two operators have the name "\(name)": \(other.site.name) at \(other.site.callSite) and \(node.site.name) \
          at \(node.site.callSite). A checkpoint identifies operators by their names. Give each its own.
          """)
      }
    }
    let all = inputs.map { ($0.id, $0.input as any StreamNode) } + operators.map { ($0.id, $0.node as any StreamNode) }
    var known: [String: any StreamNode] = [:]
    for (id, node) in all {
      if let other = known.updateValue(node, forKey: id) {
        throw MartletError(
          .invalidConfiguration,
          """
          The checkpoint cannot tell \(other.site.name) at \(other.site.callSite) from \(node.site.name) at \
          \(node.site.callSite): both are \(id). After a restart, one could get the data of the other. Give each a \
          permanent name: .name("…").
          """)
      }
    }
  }

  /// The fingerprint of the program for a checkpoint.
  package func fingerprint(batchInterval: Duration, outputs: [any OutputNode]) -> ProgramFingerprint {
    ProgramFingerprint(
      batchInterval: batchInterval.nanoseconds,
      inputs: inputs.map { id, input in
        .init(id: id, site: "\(input.site.callSite)", place: ids[.none]?[input.id])
      },
      operators: operators.map { id, node in
        let known = places[node.id]
        return .init(
          id: id, site: "\(node.site.callSite)", form: node.stateForm, place: known?[.all],
          statePlace: known?[.ofStates], path: known?[.none], hasInitialStates: node.hasInitialStates)
      },
      outputs: outputs.map { "\($0.site.name) at \($0.site.callSite)" })
  }
}
