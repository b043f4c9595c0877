"""Answers to the tasks of the assignment on the Vision Transformer, in the same form as in `mlp.py`."""

import textwrap


def patches(*lines: str) -> str:
    shapes = "B, C, H, W = images.shape; P = side"
    return "def to_patches(images, side):\n" + textwrap.indent("\n".join([shapes, *lines]), "    ")


def tiles(rows: str, columns: str, end: str = "return torch.stack(out, dim=1)") -> str:
    tile = "out.append(images[:, :, i:i + P, j:j + P].flatten(1))"
    return patches("out = []", f"for i in {rows}:", f"    for j in {columns}:", f"        {tile}", end)


def cut(pattern: str, images: str = "images", sizes: str = "p=side, q=side") -> str:
    return patches(f"return rearrange({images}, '{pattern}', {sizes})")


def module(head: str, init: list[str], arguments: str, forward: list[str]) -> str:
    name, _, of_init = head.partition("(")
    return "\n".join(
        [
            f"class {name}(nn.Module):",
            f"    def __init__(self, {of_init}:",
            textwrap.indent("\n".join(["super().__init__()", *init]), " " * 8),
            f"    def forward(self, {arguments}):",
            textwrap.indent("\n".join(forward), " " * 8),
        ]
    )


EMBED = "self.embed = nn.Linear(patch_dim, width)"


def tokens(
    rows: str = "rows = self.embed(patches)",
    first: str = "first = self.class_token.expand(len(patches), 1, -1)",
    glue: str = "tokens = torch.cat([first, rows], dim=1)",
    end: str = "return tokens + self.positions",
    embed: str = EMBED,
    class_token: str = "self.class_token = nn.Parameter(torch.randn(width))",
    positions: str = "self.positions = nn.Parameter(torch.randn(n_patches + 1, width))",
) -> str:
    return module(
        "Tokens(n_patches, patch_dim, width)",
        [embed, class_token, positions],
        "patches",
        [rows, first, glue, end],
    )


NORMS = "self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)"
ATTENTION = "self.attention = nn.MultiheadAttention(width, n_heads, batch_first=True)"
NETWORK = "self.network = nn.Sequential(\n    nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))"


def block(
    first: str = "rows = self.norm1(x)",
    attend: str = "found, _ = self.attention(rows, rows, rows)",
    after: str = "x = x + found",
    end: str = "return x + self.network(self.norm2(x))",
    norms: str = NORMS,
    attention: str = ATTENTION,
    network: str = NETWORK,
) -> str:
    return module(
        "Block(width, n_heads, hidden)", [norms, attention, network], "x", [first, attend, after, end]
    )


def network(*layers: str) -> str:
    return block(network=f"self.network = nn.Sequential({', '.join(layers)})")


UP, GELU, DOWN = "nn.Linear(width, hidden)", "nn.GELU()", "nn.Linear(hidden, width)"

BLOCKS = "self.blocks = nn.ModuleList(\n    Block(width, n_heads, 2 * width) for _ in range(n_blocks))"
RUN = "for block in self.blocks:\n    x = block(x)"


def vit(
    start: str = "x = self.tokens(to_patches(images, self.side))",
    run: str = RUN,
    read: str = "x = x[:, 0]",
    end: str = "return self.head(self.norm(x))",
    blocks: str = BLOCKS,
    norm: str = "self.norm = nn.LayerNorm(width)",
    head: str = "self.head = nn.Linear(width, n_classes)",
) -> str:
    return module(
        "ViT(shape, side, width, n_heads, n_blocks, n_classes)",
        [
            "self.side = side",
            "C, H, W = shape",
            "n_patches = (H // side) * (W // side)",
            "self.tokens = Tokens(n_patches, C * side**2, width)",
            *(blocks, norm, head),
        ],
        "images",
        [start, run, read, end],
    )


def read(row: str) -> str:
    return vit(read=f"x = {row}")


def logits(value: str) -> str:
    return vit(end=f"return {value}")


HEAD = "self.head(self.norm(x))"
CUT = "b c (h p) (w q) -> "

WRONG = {
    "patches": {
        "none": [patches(f"rearrange(images, '{CUT}b (h w) (c p q)', p=side, q=side)")],
        "no-tensor": [patches("return [rearrange(images, 'b c h w -> b (c h w)')]")],
        "column-by-column": [
            cut(f"{CUT}b (w h) (c p q)"),
            patches(
                "cols = images.split(P, dim=3)",
                "tiles = [tile for col in cols for tile in col.split(P, dim=2)]",
                "return torch.stack([tile.flatten(1) for tile in tiles], dim=1)",
            ),
        ],
        "turned-inside": [cut(f"{CUT}b (h w) (c q p)")],
        "channels-inside": [
            cut(f"{CUT}b (h w) (p q c)"),
            cut(f"{CUT}b (h w) (p c q)"),
            patches(
                "x = images.permute(0, 2, 3, 1)",
                "x = x.view(B, H // P, P, W // P, P, C).permute(0, 1, 3, 2, 4, 5)",
                "return x.reshape(B, -1, P * P * C)",
            ),
        ],
        "image-turned": [
            cut("b c (w p) (h q) -> b (h w) (c q p)"),
            cut("b c (w q) (h p) -> b (h w) (c p q)"),
        ],
        "scattered": [
            cut("b c (p h) (q w) -> b (h w) (c p q)"),
            cut("b c (h p) (q w) -> b (h w) (c p q)"),
            patches(
                "tiles = [images[:, :, h::H // P, w::W // P]",
                "         for h in range(H // P) for w in range(W // P)]",
                "return torch.stack([tile.flatten(1) for tile in tiles], dim=1)",
            ),
        ],
        "grid-kept": [
            cut(f"{CUT}b h w (c p q)"),
            patches(
                "x = images.unfold(2, P, P).unfold(3, P, P)", "return x.permute(0, 2, 3, 1, 4, 5).flatten(3)"
            ),
        ],
        "patch-kept": [cut(f"{CUT}b (h w) c p q"), cut(f"{CUT}b (h w) c (p q)")],
        "only-view": [
            patches("return images.reshape(B, -1, C * side * side)"),
            patches("return images.view(B, (H // P) * (W // P), -1)"),
            patches("return images.flatten(1).unflatten(1, (-1, C * P * P))"),
        ],
        "whole-image": [
            patches("return images.flatten(1)"),
            patches("return images.view(B, 1, -1)"),
            patches("return rearrange(images, 'b c h w -> b c (h w)')"),
            patches("return images.flatten()"),
        ],
        "pixels-as-patches": [
            patches("return rearrange(images, 'b c h w -> b (h w) c')"),
            patches("return images.flatten(1, 2)"),
        ],
        "channels-as-patches": [
            cut(f"{CUT}b (c h w) (p q)"),
            cut(f"{CUT}b (h w c) (p q)"),
            patches("x = images.unfold(2, P, P).unfold(3, P, P)", "return x.flatten(1, 3).flatten(2)"),
        ],
        "channels-lost": [
            cut("b (h p) (w q) -> b (h w) (p q)", "images[:, 0]"),
            cut("b (h p) (w q) -> b (h w) (p q)", "images.mean(dim=1)"),
        ],
        "axes-exchanged": [
            patches("return F.unfold(images, side, stride=side)"),
            cut(f"{CUT}b (c p q) (h w)"),
        ],
        "batch-mixed": [
            cut(f"{CUT}(b h w) (c p q)"),
            cut(f"{CUT}(h w) b (c p q)"),
            tiles("range(0, H, P)", "range(0, W, P)", "return torch.cat(out)"),
        ],
        "not-permuted": [
            patches("x = images.unfold(2, P, P).unfold(3, P, P)", "return x.reshape(B, -1, C * P * P)")
        ],
        "reshaped": [patches("return F.unfold(images, P, stride=P).view(B, -1, C * P * P)")],
        "first-image": [cut(f"{CUT}b (h w) (c p q)", "images[:1]")],
        "return-in-loop": [tiles("range(0, H, P)", "range(0, W, P)", "    return torch.stack(out, dim=1)")],
        "last-missing": [tiles("range(0, H - P, P)", "range(0, W - P, P)")],
        "order-of-axes": [
            cut(f"{CUT}b (p q) (c h w)"),
            cut(f"{CUT}b (h p) (c w q)"),
            patches(
                "x = images.view(B, C, H // P, P, W // P, P)",
                "return x.permute(0, 2, 3, 4, 1, 5).reshape(B, -1, C * P * P)",
            ),
        ],
        "dtype": [cut(f"{CUT}b (h w) (c p q)", "images.double()")],
        "grid-for-side": [cut(f"{CUT}b (h w) (c p q)", sizes="h=side, w=side")],
        "overlapping": [
            patches("return F.unfold(images, side).transpose(1, 2)"),
            tiles("range(H // P)", "range(W // P)"),
        ],
        "shape": [cut(f"{CUT}b c p (h w q)")],
        "numbers": [
            patches("return F.unfold(images, side, stride=side).mT / 255"),
            cut(f"{CUT}b (h w) (c p q)", "images.flip(1)"),
        ],
        "no-graph": [cut(f"{CUT}b (h w) (c p q)", "images.detach()")],
    },
    "tokens": {
        "instance": [tokens() + "\nTokens = Tokens(4, 4, 4)"],
        "no-module": ["def Tokens(n_patches, patch_dim, width): pass"],
        "list": [
            tokens(positions="self.more = [nn.Parameter(torch.randn(n_patches + 1, width))]").replace(
                "self.positions", "self.more[0]"
            ),
            tokens(class_token="self.more = {'first': nn.Parameter(torch.randn(width))}").replace(
                "self.class_token", "self.more['first']"
            ),
        ],
        "made-in-forward": [tokens("rows = nn.Linear(patches.size(2), 8)(patches)", embed="")],
        "extra": [
            tokens(
                "rows = self.norm(self.embed(patches))", embed=f"{EMBED}; self.norm = nn.LayerNorm(width)"
            ),
            tokens(
                "rows = self.norm(self.embed(patches).mT).mT",
                embed=f"{EMBED}; self.norm = nn.BatchNorm1d(width)",
            ),
            tokens(embed="self.embed = nn.Sequential(nn.Linear(patch_dim, width), nn.Linear(width, width))"),
        ],
        "no-bias": [tokens(embed="self.embed = nn.Linear(patch_dim, width, bias=False)")],
        "norm": [
            tokens(end="return F.layer_norm(tokens + self.positions, tokens.shape[-1:])"),
            tokens(end="return nn.LayerNorm(tokens.size(-1))(tokens + self.positions)"),
        ],
        "scaled": [tokens(end="return tokens * tokens.shape[-1] ** 0.5 + self.positions")],
        "cut": [
            tokens(end="return tokens + self.positions.data"),
            tokens(first="first = self.class_token.detach().expand(len(patches), 1, -1)"),
        ],
        "no-linear": [tokens(embed="self.embed = nn.Parameter(torch.randn(patch_dim, width))")],
        "linear-sizes": [
            tokens(embed="self.embed = nn.Linear(n_patches * patch_dim, width)"),
            tokens(embed="self.embed = nn.Linear(width, patch_dim)"),
            tokens(embed="self.embed = nn.Linear(4, 32)"),
        ],
        "class-token-fixed": [
            tokens(class_token="self.class_token = torch.randn(width)"),
            tokens(class_token="self.register_buffer('class_token', torch.zeros(1, 1, width))"),
            tokens(class_token="self.class_token = nn.Parameter(torch.randn(width), requires_grad=False)"),
        ],
        "class-token-missing": [
            tokens(class_token="", first="", glue="tokens = rows"),
            tokens(class_token="", first="first = torch.zeros(len(patches), 1, rows.size(2))"),
        ],
        "class-token-per-patch": [
            tokens(class_token="self.class_token = nn.Parameter(torch.randn(n_patches, width))"),
            tokens(class_token="self.class_token = nn.Parameter(torch.randn(1, n_patches + 1, width))"),
        ],
        "positions-missing": [tokens(positions="", end="return tokens")],
        "positions-fixed": [
            tokens(positions="self.positions = torch.randn(n_patches + 1, width)"),
            tokens(positions="self.register_buffer('positions', torch.randn(n_patches + 1, width))"),
            tokens(positions="self.positions = torch.randn(n_patches, width)"),
        ],
        "positions-of-patches": [
            tokens(positions="self.positions = nn.Parameter(torch.randn(n_patches, width))"),
            tokens(
                rows="rows = self.embed(patches) + self.positions",
                end="return tokens",
                positions="self.positions = nn.Parameter(torch.randn(n_patches, width))",
            ),
        ],
        "position-numbers": [
            tokens(positions="self.positions = nn.Parameter(torch.randn(n_patches + 1, 1))")
        ],
        "one-position": [tokens(positions="self.positions = nn.Parameter(torch.randn(1, 1, width))")],
        "vectors": [
            tokens(class_token="self.class_token = nn.Parameter(torch.randn(1))"),
            tokens(class_token="self.class_token = nn.Parameter(torch.randn(64, 1, width))"),
            tokens(positions="self.positions = nn.Parameter(torch.randn(17, width))"),
        ],
        "class-token-unused": [
            tokens(glue="tokens = rows", end="return tokens + self.positions[1:]"),
            tokens(glue="tokens = rows", end="return tokens"),
        ],
        "constant": [
            tokens(positions="self.positions = nn.Parameter(torch.zeros(n_patches + 1, width))"),
            tokens(positions="self.positions = nn.Parameter(torch.full((1, n_patches + 1, width), 0.02))"),
        ],
        "class-token-last": [tokens(glue="tokens = torch.cat([rows, first], dim=1)")],
        "class-token-added": [tokens(glue="tokens = rows + first", end="return tokens + self.positions[1:]")],
        "one-image": [
            tokens(first="first = torch.zeros(len(patches), 1, rows.size(2))\nfirst[0] = self.class_token")
        ],
        "batch-axis": [
            tokens(
                first="first = self.class_token.expand(1, rows.size(1), -1)",
                glue="tokens = torch.cat([first, rows], dim=0)",
                end="return tokens + self.positions[1:]",
            ),
            tokens(
                first="first = self.class_token.expand(1, rows.size(1), -1)",
                glue="tokens = torch.cat([first, rows])",
                end="return tokens",
            ),
        ],
        "width-axis": [
            tokens(
                first="first = self.class_token.expand_as(rows)",
                glue="tokens = torch.cat([first, rows], dim=-1)",
                end="return tokens",
            )
        ],
        "positions-unused": [
            tokens(end="tokens + self.positions\nreturn tokens"),
            tokens(end="return tokens"),
        ],
        "positions-early": [
            tokens(rows="rows = self.embed(patches) + self.positions[1:]", end="return tokens"),
            tokens(
                rows="rows = self.embed(patches)\nrows = rows + self.positions[: rows.size(1)]",
                end="return tokens",
            ),
        ],
        "positions-concatenated": [
            tokens(end="return torch.cat([tokens, self.positions.expand_as(tokens)], dim=2)"),
            tokens(end="return torch.cat([tokens, self.positions.expand_as(tokens)], dim=1)"),
        ],
        "positions-multiplied": [tokens(end="return tokens * self.positions")],
        "positions-twice": [tokens(end="tokens = tokens + self.positions\nreturn tokens + self.positions")],
        "same-position": [
            tokens(end="return tokens + self.positions[0]"),
            tokens(end="return tokens + self.positions[-1]"),
        ],
        "position-per-image": [tokens(end="return tokens + self.positions[: len(patches)].unsqueeze(1)")],
        "activation": [
            tokens(rows="rows = F.relu(self.embed(patches))"),
            tokens(rows="rows = F.gelu(self.embed(patches))"),
            tokens(end="return torch.tanh(tokens + self.positions)"),
        ],
        "hard-coded": [
            tokens(
                end="return tokens + torch.cat([self.positions[:5], self.positions[5:7]])"
                "[:7] + 0 * self.positions[[0, 1, 2, 3, 4, 4, 4]].sum() "
                "if tokens.size(1) == 7 else tokens"
            ),
            tokens(glue="tokens = torch.cat([first, rows[:, :6, :]], dim=1)").replace(
                "return tokens +", "return tokens[..., :8].reshape(-1, 7, 8) +"
            ),
        ],
        "random": [
            tokens(end="return F.dropout(tokens + self.positions, 0.1)"),
            tokens(first="first = torch.randn(len(patches), 1, rows.size(2))"),
        ],
        "none": [tokens(end="tokens + self.positions")],
        "no-tensor": [tokens(end="return tokens, self.positions")],
        "shape": [tokens(end="return (tokens + self.positions).flatten(1)")],
        "numbers": [tokens(end="return tokens - self.positions")],
        "in-place": [tokens(rows="rows = self.embed(patches.mul_(2) / 2)")],
        "no-graph": [tokens(end="return (tokens + self.positions).detach()")],
    },
    "block": {
        "instance": [block() + "\nBlock = Block(4, 2, 4)"],
        "list": [block(network=f"self.network = [{UP}, {GELU}, {DOWN}]")],
        "batch-norm": [block(norms="self.norm1, self.norm2 = nn.BatchNorm1d(width), nn.BatchNorm1d(width)")],
        "no-attention-layer": [
            block(attention="", attend="found = rows"),
            block(attention="attention = nn.MultiheadAttention(width, n_heads)"),
        ],
        "number-of-norms": [
            block(norms="self.norm1 = nn.LayerNorm(width)\nself.norm2 = self.norm1"),
            block("rows = x", end="return x + self.network(x)", norms=""),
            block(norms=f"{NORMS}\nself.norm3 = nn.LayerNorm(width)"),
        ],
        "norm-sizes": [
            block(norms="self.norm1, self.norm2 = nn.LayerNorm((5, width)), nn.LayerNorm((5, width))"),
            block(norms="self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(hidden)"),
        ],
        "no-hidden-layer": [
            network("nn.Linear(width, width)", GELU),
            network("nn.Linear(width, width)", GELU, "nn.Linear(width, width)"),
        ],
        "number-of-layers": [
            network(UP, GELU, "nn.Linear(hidden, hidden)", GELU, DOWN),
            block(
                norms=f"{NORMS}\nself.to_q = nn.Linear(width, width)",
                attend="found, _ = self.attention(self.to_q(rows), rows, rows)",
            ),
        ],
        "sizes-swapped": [network("nn.Linear(hidden, width)", GELU, "nn.Linear(width, hidden)")],
        "norm-fixed": [
            block(norms=NORMS.replace("nn.LayerNorm(width)", "nn.LayerNorm(width, elementwise_affine=False)"))
        ],
        "number-of-heads": [
            block(attention="self.attention = nn.MultiheadAttention(width, 1, batch_first=True)"),
            block(
                attention="n_heads = width // n_heads\n"
                "self.attention = nn.MultiheadAttention(width, n_heads, batch_first=True)"
            ),
        ],
        "hidden-sizes": [
            network("nn.Linear(width, 4 * width)", GELU, "nn.Linear(4 * width, width)"),
            network(UP, GELU, "nn.Linear(hidden, hidden)"),
        ],
        "no-bias": [network("nn.Linear(width, hidden, bias=False)", GELU, DOWN)],
        "extra": [block(norms=f"{NORMS}\nself.scale = nn.Parameter(torch.ones(width))")],
        "no-first-residual": [
            block(after="x = found"),
            block("x = self.norm1(x)", "x, _ = self.attention(x, x, x)", ""),
        ],
        "no-second-residual": [
            block(end="return self.network(self.norm2(x))"),
            block(end="x = self.norm2(x)\nx = self.network(x)\nreturn x"),
        ],
        "no-residual": [block(after="x = found", end="return self.network(self.norm2(x))")],
        "residual-of-normed": [
            block("x = rows = self.norm1(x)"),
            block(end="x = self.norm2(x)\nreturn x + self.network(x)"),
            block(
                "x = self.norm1(x)",
                "found, _ = self.attention(x, x, x)",
                end="x = self.norm2(x)\nreturn x + self.network(x)",
            ),
        ],
        "residual-of-input": [block(after="y = x + found", end="return x + self.network(self.norm2(y))")],
        "post-norm": [
            block(
                "rows = x", after="x = self.norm1(x + found)", end="return self.norm2(x + self.network(x))"
            ),
            block("rows = x", after="x = self.norm1(x + found)"),
            block(end="return self.norm2(x + self.network(x))"),
        ],
        "norm-of-part": [
            block(
                "rows = x", after="x = x + self.norm1(found)", end="return x + self.norm2(self.network(x))"
            ),
            block(end="return x + self.norm2(self.network(x))"),
        ],
        "no-norm": [
            block("rows = x", end="return x + self.network(x)"),
            block("self.norm1(x); rows = x"),
            block(end="return x + self.network(x)"),
        ],
        "same-norm": [block(end="return x + self.network(self.norm1(x))")],
        "queries-only": [
            block(attend="found, _ = self.attention(rows, x, x)"),
            block(attend="found, _ = self.attention(x, rows, rows)"),
            block(attend="found, _ = self.attention(rows, rows, x)"),
        ],
        "attention-over-batch": [
            block(attention="self.attention = nn.MultiheadAttention(width, n_heads)"),
            block(
                attend="rows = rows.transpose(0, 1)\n"
                "found = self.attention(rows, rows, rows)[0].transpose(0, 1)"
            ),
        ],
        "no-activation": [network(UP, DOWN)],
        "activation-after": [
            network(UP, DOWN, GELU),
            network(UP, GELU, DOWN, GELU),
            block(end="return F.gelu(x + self.network(self.norm2(x)))"),
        ],
        "other-activation": [
            network(UP, "nn.ReLU()", DOWN),
            network(UP, "nn.Tanh()", DOWN),
            network(UP, "nn.SiLU()", DOWN),
            network(UP, "nn.GELU(approximate='tanh')", DOWN),
            network(UP, "nn.LeakyReLU(0.2)", DOWN),
            network(UP, "nn.Softmax(dim=-1)", DOWN),
        ],
        "activation-before": [network("nn.GELU()", UP, DOWN)],
        "one-image": [block(after="x = x + found[0]")],
        "multiplied": [block(after="x = x * found")],
        "added-too-early": [block(end="return x + self.network(x + self.norm2(x))")],
        "masked": [
            block(
                attend="hidden = torch.ones(x.size(1), x.size(1)).triu(1).bool()\n"
                "found, _ = self.attention(rows, rows, rows, attn_mask=hidden)"
            )
        ],
        "cut": [block(attend="with torch.no_grad():\n    found, _ = self.attention(rows, rows, rows)")],
        "other-gradient": [block(attend="found, _ = self.attention(rows, rows, rows.detach())")],
        "no-attention": [block(after=""), block(after="x + found"), block(after="x = x + rows")],
        "no-network": [block(end="return x"), block(end="self.network(self.norm2(x))\nreturn x")],
        "parallel": [block(after="", end="return x + found + self.network(self.norm2(x))")],
        "network-of-part": [block(end="return x + self.network(self.norm2(found))")],
        "network-first": [block("x = x + self.network(self.norm2(x)); rows = self.norm1(x)", end="return x")],
        "residual-twice": [
            block("residual = x; rows = self.norm1(x)").replace("return x +", "return residual + x +")
        ],
        "random": [
            block(after="x = x + F.dropout(found, 0.1)"),
            network(UP, GELU, "nn.Dropout(0.1)", DOWN),
            block(attention=ATTENTION.replace("batch_first", "dropout=0.1, batch_first")),
        ],
        "hard-coded": [block(end="return x + self.network(self.norm2(x[..., :8])) * (x.size(2) == 8)")],
        "none": [block(end="x = x + self.network(self.norm2(x))")],
        "no-tensor": [block(end="return x, found")],
        "shape": [block(end="return (x + self.network(self.norm2(x)))[:, 0]")],
        "numbers": [block(after="x = x - found")],
        "in-place": [block(after="x += found")],
        "no-graph": [block(end="return (x + self.network(self.norm2(x))).detach()")],
    },
    "vit": {
        "instance": [vit() + "\nViT = ViT((1, 4, 4), 2, 4, 2, 1, 3)"],
        "list": [vit(blocks="self.blocks = [Block(width, n_heads, 2 * width) for _ in range(n_blocks)]")],
        "no-blocks": [vit(blocks="", run=""), vit(blocks="self.blocks = nn.ModuleList()")],
        "shared-blocks": [
            vit(blocks="self.blocks = nn.ModuleList([Block(width, n_heads, 2 * width)] * n_blocks)"),
            vit(
                blocks="self.block = Block(width, n_heads, 2 * width); self.n = n_blocks",
                run="for _ in range(self.n):\n    x = self.block(x)",
            ),
        ],
        "number-of-blocks": [
            vit(blocks="self.block = Block(width, n_heads, 2 * width)", run="x = self.block(x)"),
            vit(blocks=BLOCKS.replace("n_blocks", "n_blocks - 1")),
            vit(blocks=BLOCKS.replace("n_blocks", "12")),
        ],
        "block-sizes": [
            vit(blocks=BLOCKS.replace("2 * width", "4 * width")),
            vit(blocks=BLOCKS.replace("n_heads", "1")),
        ],
        "no-norm-layer": [vit(norm="", end="return self.head(x)")],
        "layers": [
            vit(head="self.head = nn.Sequential(nn.Linear(width, width), nn.Linear(width, n_classes))"),
            vit(norm="self.norm, self.more = nn.LayerNorm(width), nn.LayerNorm(width)"),
        ],
        "no-head-layer": [vit(head="", end="return self.norm(x)")],
        "head-of-all-tokens": [
            vit(
                read="x = self.norm(x).flatten(1)",
                end="return self.head(x)",
                head="self.head = nn.Linear((n_patches + 1) * width, n_classes)",
            )
        ],
        "sizes-swapped": [vit(head="self.head = nn.Linear(n_classes, width)")],
        "hard-coded-size": [vit(head="self.head = nn.Linear(width, 10)")],
        "head-sizes": [vit(head="self.head = nn.Linear(n_patches * width, n_classes)")],
        "extra": [vit(norm="self.norm = nn.LayerNorm(width); self.t = nn.Parameter(torch.ones(1))")],
        "last-token": [read("x[:, -1]"), read("x[:, -1, :]")],
        "first-patch": [read("x[:, 1]")],
        "mean-of-tokens": [
            vit(read="x = self.norm(x).mean(dim=1)", end="return self.head(x)"),
            vit(read="x = self.norm(x)[:, 1:].mean(dim=1)", end="return self.head(x)"),
            read("x.mean(dim=1)"),
            read("x[:, 1:].mean(dim=1)"),
        ],
        "every-token": [read("x"), read("x[:, 1:]")],
        "axis-kept": [read("x[:, :1]"), read("x[:, [0]]")],
        "first-image": [read("x[0]"), read("x[0, 0]")],
        "norm-unused": [logits("self.head(x)"), vit(end="self.norm(x); return self.head(x)")],
        "norm-early": [
            vit("x = self.norm(self.tokens(to_patches(images, self.side)))", end="return self.head(x)")
        ],
        "blocks-unused": [vit(run=""), vit(run="for block in self.blocks:\n    block(x)")],
        "one-block": [
            vit(run="x = self.blocks[0](x)"),
            vit(run="for block in self.blocks:\n    x = block(x)\n    break"),
            vit(run=f"{RUN}\n    return self.head(self.norm(x[:, 0]))"),
        ],
        "block-repeated": [vit(run="for block in self.blocks:\n    x = self.blocks[0](x)")],
        "block-left-out": [
            vit(run=RUN.replace("self.blocks", "self.blocks[1:]")),
            vit(run=RUN.replace("self.blocks", "self.blocks[:-1]")),
        ],
        "squeezed": [read("x[:, 0].squeeze()"), logits(f"{HEAD}.squeeze()")],
        "other-activation": [logits(f"F.leaky_relu({HEAD}, 0.2)")],
        "no-bias": [vit(head="self.head = nn.Linear(width, n_classes, bias=False)")],
        "made-in-forward": [
            vit(blocks="", run="for n in range(3):\n    x = Block(x.size(2), 2, 2 * x.size(2))(x)")
        ],
        "cut": [vit(run=f"with torch.no_grad():\n{textwrap.indent(RUN, '    ')}")],
        "last-block": [vit(run="for block in self.blocks:\n    z = block(x)\nx = z")],
        "blocks-residual": [vit(run="for block in self.blocks:\n    x = x + block(x)")],
        "norm-each": [
            vit(run="for block in self.blocks:\n    x = self.norm(block(x))", end="return self.head(x)"),
            vit(run="for block in self.blocks:\n    x = self.norm(block(x))"),
        ],
        "own-patches": [
            vit("n = self.tokens.positions.size(0) - 1\nx = self.tokens(images.reshape(len(images), n, -1))")
        ],
        "no-head": [logits("self.norm(x)")],
        "activation-last": [logits(f"F.relu({HEAD})"), logits(f"F.gelu({HEAD})")],
        "activation-before": [
            logits("self.head(F.relu(self.norm(x)))"),
            logits("self.head(torch.tanh(self.norm(x)))"),
        ],
        "softmax": [logits(f"{HEAD}.softmax(dim=-1)"), logits(f"F.softmax({HEAD}, 1)")],
        "softmax-over-batch": [logits(f"{HEAD}.softmax(dim=0)")],
        "log-softmax": [logits(f"F.log_softmax({HEAD}, dim=1)")],
        "sigmoid": [logits(f"{HEAD}.sigmoid()")],
        "classes": [logits(f"{HEAD}.argmax(dim=1)")],
        "hard-coded": [
            vit("x = self.tokens(to_patches(images, 2))"),
            vit(run="for n in range(3):\n    x = self.blocks[n](x)"),
        ],
        "random": [logits(f"F.dropout({HEAD})")],
        "none": [vit(end=HEAD)],
        "no-tensor": [logits(f"{HEAD}, x")],
        "shape": [logits(f"{HEAD}.T")],
        "numbers": [logits(f"2 * {HEAD}")],
        "not-a-number": [logits(f"({HEAD} - 10000).sqrt()")],
        "no-graph": [logits(f"{HEAD}.detach()")],
    },
}

RAISED = {
    "patches": {
        "einops-sizes": [cut(f"{CUT}b (h w) (c p q)", sizes="p=4, q=4")],
        "einops-unknown": [
            patches(f"return rearrange(images, '{CUT}b (h w) (c p q)')"),
            cut(f"{CUT}b (h w) (c p q)", sizes="p=side"),
        ],
        "einops-names": [cut(f"{CUT}b (h w) (p q)"), cut(f"{CUT}b (h w) (c p r)")],
        "einops-axes": [cut("c (h p) (w q) -> (h w) (c p q)")],
        "einops-pattern": [
            cut("b c (h p) (w p) -> b (h w) (c p p)", sizes="p=side"),
            cut("b c (h p) (w q) -> b (h w) (c p q"),
        ],
        "einops-arrow": [cut("b c (h p) (w q) => b (h w) (c p q)")],
        "numpy": [patches("return torch.tensor(images.numpy()).flatten(1)")],
        "view-size": [patches("return images.view(B, 16, C * P * P)")],
        "name": [patches("return rearrange(image, 'b c h w -> b (c h w)')")],
    },
    "tokens": {
        "cat-sizes": [tokens(first="first = self.class_token[None, None]")],
        "stack-sizes": [tokens(glue="tokens = torch.stack([first, rows], dim=1)")],
        "list-of-tensors": [tokens(glue="tokens = torch.cat(first, rows)")],
        "cat-axes": [tokens(first="first = self.class_token.expand(len(patches), -1)")],
        "no-axis": [tokens(first="first = self.class_token")],
        "expand-sizes": [tokens(first="first = self.class_token.expand(len(patches), 1)")],
        "sizes-differ": [tokens(glue="tokens = rows + first"), tokens(glue="tokens = rows")],
    },
    "block": {
        "tuple-given": [block(attend="found = self.attention(rows, rows, rows)")],
        "arguments": [block(attend="found, _ = self.attention(rows)")],
        "head-count": [
            block(attention="self.attention = nn.MultiheadAttention(n_heads, width, batch_first=True)")
        ],
        "changed-in-place": [
            block(
                "x = x.clone(); rows = self.norm1(x)",
                after="x += found",
                end="x += self.network(self.norm2(x))\nreturn x",
            )
        ],
        "norm-width": [block(end="return x + self.norm2(self.network[0](x))")],
        "attention-width": [block("rows = self.network[0](self.norm1(x))")],
    },
    "vit": {
        "module-list": [vit(run="x = self.blocks(x)")],
        "matrix-shapes": [vit("x = self.tokens(images.flatten(2))")],
        "attribute": [vit("x = self.tokens(self.to_patches(images, self.side))")],
    },
}

RIGHT = {
    "patches": [
        cut(f"{CUT}b (h w) (c p q)"),
        cut("b c (row p) (col q) -> b (row col) (c p q)"),
        patches("return F.unfold(images, side, stride=side).transpose(1, 2)"),
        patches(
            "x = images.unfold(2, P, P).unfold(3, P, P)",
            "return x.permute(0, 2, 3, 1, 4, 5).reshape(B, -1, C * P * P)",
        ),
        patches(
            "x = images.view(B, C, H // P, P, W // P, P)",
            "return x.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)",
        ),
        patches(
            "tiles = [images[:, :, top:top + P, left:left + P]",
            "         for top in range(0, H, P) for left in range(0, W, P)]",
            "return torch.stack([tile.reshape(B, -1) for tile in tiles], dim=1)",
        ),
        patches(
            "import einops",
            f"x = einops.rearrange(images, '{CUT}b h w c p q', p=P, q=P)",
            "return einops.rearrange(x, 'b h w c p q -> b (h w) (c p q)')",
        ),
    ],
    "tokens": [
        tokens(),
        tokens(
            class_token="self.cls = nn.Parameter(torch.zeros(1, 1, width))",
            first="first = self.cls.expand(patches.size(0), -1, -1)",
            positions="self.pos = nn.Parameter(0.02 * torch.randn(1, n_patches + 1, width))",
            end="tokens += self.pos\nreturn tokens",
        ),
        tokens(first="first = self.class_token.repeat(len(patches), 1, 1)"),
        tokens(
            positions="self.positions = nn.Embedding(n_patches + 1, width)",
            end="return tokens + self.positions(torch.arange(tokens.size(1)))",
        ),
        tokens(first="first = torch.stack([self.class_token] * len(patches))[:, None]"),
        tokens(
            embed="self.embed = nn.Sequential(nn.Linear(patch_dim, width))",
            first="from einops import repeat\nfirst = repeat(self.class_token, 'd -> b 1 d', b=len(patches))",
        ),
        tokens(
            glue="first, rows = first + self.positions[0], rows + self.positions[1:]",
            end="return torch.cat((first, rows), 1)",
        ),
        tokens(
            glue="tokens = rows.new_empty(len(rows), rows.size(1) + 1, rows.size(2))\n"
            "tokens[:, :1], tokens[:, 1:] = first, rows"
        ),
    ],
    "block": [
        block(),
        block(attend="found = self.attention(rows, rows, rows, need_weights=False)[0]"),
        block(after="x = found + x"),
        block(
            attention="self.attention = nn.MultiheadAttention(width, n_heads)",
            attend="t = rows.transpose(0, 1)\nfound = self.attention(t, t, t)[0].transpose(0, 1)",
        ),
        block(
            network=f"self.up, self.down = {UP}, {DOWN}",
            end="return x + self.down(F.gelu(self.up(self.norm2(x))))",
        ),
        block(
            norms="self.ln_2, self.ln_1 = nn.LayerNorm(width), nn.LayerNorm(width)",
            first="rows = self.ln_1(x)",
            end="return x + self.network(self.ln_2(x))",
        ),
        block(network=f"self.up, self.down = {UP}, {DOWN}").replace(
            "self.network(self.norm2(x))",
            "self.down(0.5 * (h := self.up(self.norm2(x))) * (1 + torch.erf(h / 2**0.5)))",
        ),
    ],
    "vit": [
        vit(),
        vit(
            blocks="blocks = [Block(width, n_heads, 2 * width) for _ in range(n_blocks)]\n"
            "self.blocks = nn.Sequential(*blocks)",
            run="x = self.blocks(x)",
        ),
        vit(read="x = self.norm(x)[:, 0, :]", end="return self.head(x)"),
        vit(read="x = self.head(self.norm(x))", end="return x[:, 0]"),
        vit(
            head="self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, n_classes))",
            norm="",
            end="return self.head(x)",
        ),
        vit(
            blocks="for n in range(n_blocks):\n"
            "    setattr(self, f'block{n}', Block(width, n_heads, 2 * width))\n"
            "self.n_blocks = n_blocks",
            run="for n in range(self.n_blocks):\n    x = getattr(self, f'block{n}')(x)",
        ),
        vit(
            "x = self.tokens(F.unfold(images, self.side, stride=self.side).mT)", read="x = x.unbind(dim=1)[0]"
        ),
    ],
}
