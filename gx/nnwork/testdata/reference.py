"""Reference values of networkx and igraph for small graphs: reference.json.

pip install networkx==3.6.1 igraph==1.0.0 numpy scipy; python reference.py
"""
import json, math, os, random
from collections import Counter
from itertools import combinations, product
import igraph
import networkx as nx

rng = random.Random(7)
graphs = {}


def named(g, weights=False):
    h = nx.relabel_nodes(g, {v: f"g{int(v):02d}" for v in g})
    for a, b in h.edges:
        h[a][b]["weight"] = round(0.1 + 3 * rng.random(), 3) if weights else 1
    return h


graphs["path"] = named(nx.path_graph(7))
graphs["star"] = named(nx.star_graph(8))
graphs["cycle"] = named(nx.cycle_graph(9))
graphs["complete"] = named(nx.complete_graph(6))
graphs["pair"] = named(nx.path_graph(2))
graphs["lone"] = named(nx.empty_graph(4))
graphs["karate"] = named(nx.Graph(nx.karate_club_graph().edges))
graphs["weighted"] = named(nx.gnm_random_graph(30, 70, seed=3), True)
graphs["scattered"] = named(nx.gnm_random_graph(60, 45, seed=5))
graphs["parts"] = named(nx.disjoint_union_all([nx.star_graph(5), nx.path_graph(6), nx.complete_graph(5), nx.empty_graph(2)]), True)
graphs["scale_free"] = named(nx.barabasi_albert_graph(90, 3, seed=9))
# More genes than one search has sources, and long paths between its parts.
graphs["grid"] = named(nx.convert_node_labels_to_integers(nx.grid_2d_graph(24, 25)))


def number(x):
    return None if isinstance(x, float) and (math.isnan(x) or math.isinf(x)) else x


def pairs(g, a, b=None):
    """Number of pairs, pairs joined, harmonic mean distance and mean distance."""
    d = dict(nx.all_pairs_shortest_path_length(g))
    which = [(u, v) for u, v in (combinations(a, 2) if b is None else product(a, b)) if u != v]
    ds = [d[u][v] for u, v in which if v in d[u]]
    inverse = math.fsum(1 / x for x in ds)
    return {"pairs": len(which), "joined": len(ds),
            "harmonic": len(which) / inverse if inverse else None,
            "mean": sum(ds) / len(ds) if ds else None}


out = {"versions": {"networkx": nx.__version__, "igraph": igraph.__version__}, "graphs": {}}
for name, g in graphs.items():
    genes = sorted(g)
    n = len(genes)
    at = lambda d: [d[v] for v in genes]
    ig = igraph.Graph(n=n, edges=[(genes.index(a), genes.index(b)) for a, b in g.edges])
    ig.es["weight"] = [g[a][b]["weight"] for a, b in g.edges]
    ref = {
        "genes": genes,
        "edges": [[a, b, g[a][b]["weight"]] for a, b in g.edges],
        "degree": at(dict(g.degree)),
        "strength": at(dict(g.degree(weight="weight"))),
        "clustering": at(nx.clustering(g)),
        "components": sorted(map(len, nx.connected_components(g)), reverse=True),
        "betweenness": at(nx.betweenness_centrality(g)),
        "igraph_betweenness": [2 * b / ((n - 1) * (n - 2)) if n > 2 else b for b in ig.betweenness(directed=False)],
        "closeness": at(nx.closeness_centrality(g)),
        "harmonic": at(nx.harmonic_centrality(g)),
        "igraph_harmonic": [number(x) for x in ig.harmonic_centrality()],
        "pagerank": at(nx.pagerank(g, tol=1e-15, max_iter=100000, weight="weight")),
        "igraph_pagerank": ig.pagerank(directed=False, weights="weight"),
    }
    if g.number_of_edges() and name not in ("grid",):
        ref["eigenvector"] = at(nx.eigenvector_centrality(g, tol=1e-15, max_iter=1000000, weight="weight"))
    if n >= 30:
        # networkx draws its pivots as random.Random(seed).sample does.
        k = 11
        ref["pivots"] = random.Random(4).sample(list(g.nodes()), k)
        ref["sampled"] = at(nx.betweenness_centrality(g, k=k, seed=4))
        sums = ig.betweenness(directed=False, sources=[genes.index(v) for v in ref["pivots"]])
        ref["igraph_sampled"] = sums
    a = [genes[i] for i in range(0, n, 2)]
    b = [genes[i] for i in range(0, n, 3)]
    ref["within"] = {"genes": a, **pairs(g, a)} if len(a) > 1 else None
    ref["all"] = pairs(g, genes)
    ref["between"] = {"genes": b, **pairs(g, a, b)} if len(a) > 1 else None
    out["graphs"][name] = ref

# Weisfeiler and Lehman: graphs on the same genes, by networkx's subtree hashes.
base = nx.gnm_random_graph(40, 80, seed=1)
wl = [base]
for k in (1, 5, 20):
    h = base.copy()
    gone = rng.sample(sorted(h.edges), k)
    h.remove_edges_from(gone)
    while h.number_of_edges() < base.number_of_edges():
        a, b = rng.sample(range(40), 2)
        h.add_edge(a, b)
    wl.append(h)
wl.append(nx.gnm_random_graph(40, 80, seed=2))
out["wl"] = {"graphs": [[[f"g{a:02d}", f"g{b:02d}"] for a, b in h.edges] for h in wl], "genes": [f"g{i:02d}" for i in range(40)], "kernels": []}
for how in ("name", "parity", "none"):
    for depth in (1, 3):
        feats = []
        for h in wl:
            h = nx.convert_node_labels_to_integers(h)
            for v in h:
                h.nodes[v]["l"] = {"name": f"g{v:02d}", "parity": str(v % 2), "none": "x"}[how]
            hashes = nx.weisfeiler_lehman_subgraph_hashes(h, node_attr="l", iterations=depth, include_initial_labels=True, digest_size=32)
            feats.append(Counter((i, x) for row in hashes.values() for i, x in enumerate(row)))
        out["wl"]["kernels"].append({"label": how, "depth": depth,
                                     "k": [[sum(f[x] * e[x] for x in f) for e in feats] for f in feats]})

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"))
    f.write("\n")
