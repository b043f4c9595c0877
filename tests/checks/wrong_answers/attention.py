"""Answers to the tasks of the assignment on attention, in the same form as in `mlp.py`."""

import textwrap


def function(head: str, *lines: str) -> str:
    return f"def {head}:\n" + textwrap.indent("\n".join(lines), "    ")


def written(*lines: str) -> str:
    return function("attention(q, k, v, mask=None)", *lines)


def attention(
    scores: str = "scores = q @ k.transpose(-2, -1)",
    scale: str = "scores = scores / q.shape[-1] ** 0.5",
    mask: str = "scores = scores.masked_fill(~mask, -torch.inf)",
    weights: str = "weights = scores.softmax(dim=-1)",
    output: str = "output = weights @ v",
    end: str = "return output, weights",
) -> str:
    return written(scores, scale, f"if mask is not None: {mask}", weights, output, end)


def split(*lines: str) -> str:
    return function("split_heads(x, n_heads)", "B, N, D = x.shape", *lines)


def merge(*lines: str) -> str:
    return function("merge_heads(heads)", "B, H, N, W = heads.shape", *lines)


INIT = """
class MultiHeadAttention(nn.Module):
    def __init__(self, width, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.to_q = nn.Linear(width, width)
        self.to_k = nn.Linear(width, width)
        self.to_v = nn.Linear(width, width)
        self.to_out = nn.Linear(width, width)

    def forward(self, x, context, mask=None):
"""


def forward(*lines: str) -> str:
    return INIT + textwrap.indent("\n".join(lines), " " * 8)


def heads(
    q: str = "self.to_q(x)",
    k: str = "self.to_k(context)",
    v: str = "self.to_v(context)",
    attend: str = "heads, weights = attention(q, k, v, mask)",
    output: str = "output = self.to_out(merge_heads(heads))",
    end: str = "return output, weights",
    cut: str = "q, k, v = (split_heads(t, self.n_heads) for t in (q, k, v))",
) -> str:
    return forward(f"q = {q}", f"k = {k}", f"v = {v}", cut, attend, output, end)


def own(scale: str) -> str:
    """Return a layer that does not use the function of task 1."""
    return heads(
        attend="\n".join(
            [
                f"scores = q @ k.transpose(-2, -1) {scale}",
                "if mask is not None: scores = scores.masked_fill(~mask, -torch.inf)",
                "weights = scores.softmax(-1)",
                "heads = weights @ v",
            ]
        )
    )


VIEW = "q, k, v = (t.view(len(t), self.n_heads, -1, t.shape[-1] // self.n_heads) for t in (q, k, v))"
CUT = "q, k, v = (t.view(*t.shape[:2], self.n_heads, -1) for t in (q, k, v))"
NO_CUT = "pass"

WRONG = {
    "attention": {
        "none": [attention(end="(output, weights)"), written("pass")],
        "one-value": [
            attention(end="return output"),
            attention(end="return torch.stack([weights, weights])"),
        ],
        "number-of-values": [attention(end="return output, weights, scores")],
        "no-tensor": [attention(end="return output.tolist(), weights"), attention(end="return output, None")],
        "not-transposed": [attention("scores = q @ k")],
        "reshaped": [
            attention("scores = q @ k.reshape(*k.shape[:-2], k.shape[-1], k.shape[-2])"),
            attention("scores = q @ k.view(*k.shape[:-2], -1, k.shape[-2])"),
        ],
        "transposed-axes": [
            attention("scores = q @ k.transpose(0, 1)"),
            attention("scores = q @ k.transpose(1, 2)"),
            attention("scores = q @ k.transpose(1, -1)"),
            attention("scores = q @ k.permute(*reversed(range(k.dim())))"),
        ],
        "roles-exchanged": [attention("scores = k @ q.transpose(-2, -1)")],
        "one-of-two": [
            attention("scores = q @ q.transpose(-2, -1)"),
            attention("scores = k @ k.transpose(-2, -1)"),
        ],
        "no-scale": [attention(scale="pass"), attention(scale="scores / q.shape[-1] ** 0.5")],
        "scale-no-root": [
            attention(scale="scores = scores / q.shape[-1]"),
            attention(scale="D = k.size(-1); scores = scores / D"),
        ],
        "scale-precedence": [
            attention(scale="scores = scores / q.shape[-1] ** 1/2"),
            attention(scale="scores = scores / (q.shape[-1] ** 1/2)"),
        ],
        "scale-rounded": [
            attention(scale="scores = scores // q.shape[-1] ** 0.5"),
            attention(scale="scores = scores / int(q.shape[-1] ** 0.5)"),
        ],
        "scale-multiplied": [
            attention(scale="scores = scores * q.shape[-1] ** 0.5"),
            attention(scale="scores = scores / q.shape[-1] ** -0.5"),
        ],
        "scale-other-size": [
            attention(scale="scores = scores / k.shape[-2] ** 0.5"),
            attention(scale="scores = scores / scores.shape[-1] ** 0.5"),
            attention(scale="scores = scores / v.shape[-1] ** 0.5"),
            attention(scale="scores = scores / q.shape[1] ** 0.5"),
            attention(scale="scores = scores / len(q) ** 0.5"),
            attention(scale="scores = scores / q.shape[2] ** 0.5"),
        ],
        "scale-after": [
            attention(scale="pass", weights="weights = scores.softmax(-1) / q.shape[-1] ** 0.5"),
            attention(scale="pass", output="output = weights @ v / q.shape[-1] ** 0.5"),
        ],
        "no-mask": [attention(mask="pass"), attention(mask="scores.masked_fill(~mask, -torch.inf)")],
        "mask-inverted": [
            attention(mask="scores = scores.masked_fill(mask, -torch.inf)"),
            attention(mask="scores = scores.masked_fill(mask, -1e9)"),
            attention(mask="scores = torch.where(mask, -torch.inf, scores)"),
            attention(mask="scores = scores.masked_fill(mask == 1, -torch.inf)"),
        ],
        "mask-zero": [
            attention(mask="scores = scores * mask"),
            attention(mask="scores = scores.masked_fill(~mask, 0)"),
            attention(mask="scores = scores.masked_fill(~mask, 1e-9)"),
        ],
        "mask-added": [attention(mask="scores = scores + mask")],
        "mask-positive": [
            attention(mask="scores = scores.masked_fill(~mask, torch.inf)"),
            attention(mask="scores = scores.masked_fill(~mask, 1e9)"),
        ],
        "mask-weak": [
            attention(mask="scores = scores.masked_fill(~mask, -1)"),
            attention(mask="scores = scores.masked_fill(~mask, -10)"),
            attention(mask="scores = scores.masked_fill(mask == 0, -2.718)"),
            attention(mask="scores = torch.where(mask, scores, scores.min() * 0 - 7.5)"),
        ],
        "mask-after": [
            attention(
                mask="pass",
                weights="weights = scores.softmax(-1)\nif mask is not None: weights = weights * mask",
            ),
            attention(
                mask="pass",
                weights="weights = scores.softmax(-1)\n"
                "if mask is not None: weights = weights.masked_fill(~mask, -torch.inf)",
            ),
            attention(
                mask="pass",
                weights="weights = scores.softmax(-1)\n"
                "if mask is not None: weights = weights.masked_fill(~mask, -1e9)",
            ),
        ],
        "softmax-over-queries": [attention(weights="weights = scores.softmax(dim=-2)")],
        "softmax-axis": [
            attention(weights="weights = scores.softmax(dim=0)"),
            attention(weights="weights = scores.softmax(dim=1)"),
            attention(weights="weights = F.softmax(scores, dim=2)"),
            attention(weights="weights = F.softmax(scores)"),
        ],
        "softmax-of-all": [
            attention(weights="weights = scores.flatten().softmax(0).view(scores.shape)"),
            attention(weights="weights = scores.exp() / scores.exp().sum()"),
        ],
        "softmax-twice": [attention(weights="weights = scores.softmax(-1).softmax(-1)")],
        "no-softmax": [attention(weights="weights = scores")],
        "no-exponential": [attention(weights="weights = scores / scores.sum(-1, keepdim=True)")],
        "other-function": [
            attention(weights="weights = scores.sigmoid()"),
            attention(weights="weights = F.log_softmax(scores, dim=-1)"),
            attention(weights="weights = scores.exp()"),
        ],
        "no-values": [attention(output="output = weights")],
        "other-values": [attention(output="output = weights @ k"), attention(output="output = weights @ q")],
        "product-by-element": [attention(output="output = weights * v")],
        "weights-turned": [
            attention(output="output = weights.transpose(-2, -1) @ v"),
            attention(output="output = v @ weights"),
        ],
        "scores-mixed": [attention(output="output = scores @ v")],
        "exchanged": [attention(end="return weights, output")],
        "scores-returned": [attention(end="return output, scores")],
        "not-a-number": [
            attention(mask="scores = scores + (~mask) * -torch.inf"),
            attention(weights="weights = scores.log().softmax(-1)"),
        ],
        "shape": [
            attention(end="return output.sum(-2), weights"),
            attention(output="output = (weights @ v).flatten(0, 1)"),
        ],
        "wrong-weights": [attention(scale="scores = scores / 8"), attention(scale="scores = scores.abs()")],
        "wrong-output": [
            attention(output="output = 2 * weights @ v"),
            attention(output="output = weights @ v + q.sum()"),
        ],
        "numbers": [attention(end="return output.to('meta'), weights")],
        "random": [attention(weights="weights = F.dropout(scores.softmax(-1), 0.1)")],
        "in-place": [attention("q /= q.shape[-1] ** 0.5; scores = q @ k.mT", "pass")],
        "no-graph": [
            attention(end="return output.detach(), weights.detach()"),
            attention("q = q.data; scores = q @ k.detach().mT; v = v.detach()"),
        ],
    },
    "split": {
        "none": [split("x.view(B, N, n_heads, -1).permute(0, 2, 1, 3)")],
        "no-tensor": [
            split("return x.chunk(n_heads, dim=-1)"),
            split("return [x[..., n::n_heads] for n in range(n_heads)]"),
        ],
        "not-permuted": [
            split("return x.view(B, N, n_heads, D // n_heads)"),
            split("x = x.view(B, N, n_heads, -1)", "x.permute(0, 2, 1, 3)", "return x"),
            split("return torch.stack(x.chunk(n_heads, -1), dim=2)"),
        ],
        "only-view": [
            split("return x.view(B, n_heads, N, D // n_heads)"),
            split("return x.reshape(B, n_heads, N, -1)"),
        ],
        "head-width": [
            split("return x.view(B, N, -1, n_heads).permute(0, 2, 1, 3)"),
            split("return x.view(B, N, D // n_heads, n_heads).transpose(1, 2)"),
            split("return x.view(B, -1, N, n_heads)"),
        ],
        "every-other": [
            split("return x.view(B, N, -1, n_heads).permute(0, 3, 1, 2)"),
            split("return torch.stack([x[..., n::n_heads] for n in range(n_heads)], 1)"),
        ],
        "turned": [
            split("return x.view(B, N, n_heads, -1).permute(0, 2, 3, 1)"),
            split("return x.transpose(1, 2).reshape(B, n_heads, D // n_heads, N)"),
        ],
        "heads-first": [
            split("return torch.stack(x.chunk(n_heads, dim=-1))"),
            split("return x.view(B, N, n_heads, -1).permute(2, 0, 1, 3)"),
            split("return x.view(B, N, n_heads, -1).transpose(1, 2).reshape(B * n_heads, N, -1)"),
        ],
        "whole-rows": [
            split("return x[:, None].expand(-1, n_heads, -1, -1)"),
            split("return torch.stack([x] * n_heads, dim=1)"),
        ],
        "order-of-axes": [
            split("return x.view(B, N, n_heads, -1).permute(0, 1, 3, 2)"),
            split("return x.view(B, N, n_heads, -1).transpose(0, 2)"),
        ],
        "shape": [
            split("return x.view(B, N, n_heads, -1).transpose(1, 2)[:, :1]"),
            split("return x.chunk(n_heads, dim=-1)[0]"),
        ],
        "numbers": [split("return x.view(B, N, n_heads, -1).permute(0, 2, 1, 3).flip(1)")],
        "in-place": [
            split("out = x.view(B, N, n_heads, -1).transpose(1, 2).clone()", "x *= 0", "return out")
        ],
        "no-graph": [
            split("return x.detach().view(B, N, n_heads, -1).permute(0, 2, 1, 3)"),
            split("return torch.tensor(x.tolist()).view(B, N, n_heads, -1).transpose(1, 2)"),
        ],
    },
    "merge": {
        "none": [merge("heads.permute(0, 2, 1, 3).reshape(B, N, -1)")],
        "no-tensor": [merge("return list(heads)")],
        "not-permuted": [
            merge("return heads.view(B, N, H * W)"),
            merge("return heads.reshape(B, N, -1)"),
            merge("heads.permute(0, 2, 1, 3)", "return heads.reshape(B, N, -1)"),
        ],
        "every-other": [
            merge("return heads.permute(0, 2, 3, 1).reshape(B, N, -1)"),
            merge("return heads.permute(0, 2, 3, 1).flatten(2)"),
        ],
        "axes-renamed": [
            merge("return heads.reshape(H, B, N, W).permute(0, 2, 1, 3).reshape(B, N, H * W)"),
            merge("return heads.view(N, B, H, W).transpose(0, 1).reshape(B, N, H * W)"),
        ],
        "not-flattened": [
            merge("return heads.permute(0, 2, 1, 3)"),
            merge("return heads.transpose(1, 2).contiguous()"),
        ],
        "averaged": [merge("return heads.mean(dim=1)"), merge("return heads.sum(dim=1)")],
        "below-each-other": [
            merge("return heads.reshape(B, H * N, W)"),
            merge("return torch.cat(list(heads.unbind(1)), dim=1)"),
        ],
        "positions-flattened": [
            merge("return heads.transpose(1, 2).flatten(1)"),
            merge("return heads.flatten(1)"),
        ],
        "order-of-axes": [
            merge("return heads.permute(0, 3, 2, 1).flatten(2)"),
            merge("return heads.permute(2, 0, 1, 3).reshape(B, N, H * W)"),
        ],
        "shape": [merge("return heads[:, 0]")],
        "numbers": [merge("return torch.cat(list(heads.flip(1).unbind(1)), dim=-1)")],
        "no-graph": [merge("return heads.data.transpose(1, 2).flatten(2)")],
    },
    "heads": {
        "instance": [heads() + "\nMultiHeadAttention = MultiHeadAttention(4, 2)"],
        "no-module": ["def MultiHeadAttention(width, n_heads): pass"],
        "layers": [
            heads().replace("to_q = nn.Linear(width, width)", "to_q = nn.Linear(width, width // n_heads)"),
            heads().replace(
                "self.to_k = nn.Linear(width, width)", "self.to_k = nn.Linear(width, width, bias=False)"
            ),
            heads().replace("self.to_out = nn.Linear(width, width)", "pass"),
            heads().replace("nn.Linear(width, width)", "nn.Linear(12, 12)"),
            heads().replace("self.n_heads = n_heads", "self.norm = nn.LayerNorm(width)"),
        ],
        "none": [heads(end="(output, weights)")],
        "one-value": [heads(end="return output")],
        "number-of-values": [heads(end="return output, weights, heads")],
        "no-tensor": [heads(attend="heads = attention(q, k, v, mask)[0]; weights = None")],
        "model-width": [
            own("/ x.shape[-1] ** 0.5"),
            own("/ self.to_q.in_features ** 0.5"),
            heads(
                attend="scale = (q.shape[-1] / x.shape[-1]) ** 0.5\n"
                "heads, weights = attention(scale * q, k, v, mask)"
            ),
        ],
        "scale-twice": [
            heads(attend="heads, weights = attention(q / q.shape[-1] ** 0.5, k, v, mask)"),
            heads(attend="heads, weights = attention(q / x.shape[-1] ** 0.5, k, v, mask)"),
        ],
        "no-scale": [own("")],
        "one-head": [
            heads(cut=NO_CUT, output="output = self.to_out(heads)"),
            heads(cut=NO_CUT, output="output = self.to_out(heads)", end="return output, weights[:, None]"),
        ],
        "positions-mixed": [
            heads(cut=VIEW),
            heads(cut=VIEW, output="output = self.to_out(heads.reshape(x.shape))"),
        ],
        "among-heads": [
            heads(
                cut=CUT,
                attend="heads, weights = attention(q, k, v)",
                output="output = self.to_out(heads.flatten(2))",
            )
        ],
        "merged-too-early": [heads(output="output = self.to_out(heads.reshape(x.shape))")],
        "no-output-layer": [heads(output="output = merge_heads(heads)")],
        "output-layer-twice": [heads(output="output = self.to_out(self.to_out(merge_heads(heads)))")],
        "residual": [heads(output="output = x + self.to_out(merge_heads(heads))")],
        "not-projected": [heads("x", "context", "context"), heads(v="context"), heads(k="context")],
        "layers-exchanged": [
            heads("self.to_k(x)", "self.to_q(context)"),
            heads(k="self.to_v(context)", v="self.to_k(context)"),
            heads("self.to_v(x)", "self.to_q(context)", "self.to_k(context)"),
            heads(v="self.to_k(context)"),
            heads("self.to_q(x)", "self.to_q(context)", "self.to_q(context)"),
        ],
        "context-ignored": [
            heads(k="self.to_k(x)", v="self.to_v(x)").replace(
                "attention(q, k, v, mask)", "attention(q, k, v, mask if x is context else None)"
            ),
            heads(k="self.to_k(x)", v="self.to_v(x)"),
        ],
        "one-source": [
            heads("self.to_q(context)"),
            heads("self.to_q(context)", "self.to_k(x)", "self.to_v(x)"),
        ],
        "mask-not-passed": [heads(attend="heads, weights = attention(q, k, v)")],
        "mask-inverted": [
            heads(attend="heads, weights = attention(q, k, v, None if mask is None else ~mask)")
        ],
        "weights-averaged": [
            heads(end="return output, weights.mean(dim=1)"),
            heads(end="return output, weights[:, 0]"),
        ],
        "exchanged": [heads(end="return weights, output")],
        "shape": [heads(end="return output.mean(1), weights")],
        "wrong-weights": [heads("F.relu(self.to_q(x))"), heads(k="self.to_k(context) + context")],
        "wrong-output": [
            heads(output="output = F.relu(self.to_out(merge_heads(heads)))"),
            heads(v="F.relu(self.to_v(context))"),
        ],
        "not-a-number": [
            heads(attend="heads, weights = attention(q, k, v, mask if mask is None else mask & False)")
        ],
        "hard-coded": [
            heads(cut="q, k, v = (split_heads(t, 3) for t in (q, k, v))"),
            heads(
                cut="cut = lambda t: t.view(2, -1, self.n_heads, x.shape[-1] // self.n_heads)\n"
                "q, k, v = (cut(t).transpose(1, 2) for t in (q, k, v))"
            ),
            own("/ 2"),
        ],
        "random": [heads(output="output = F.dropout(self.to_out(merge_heads(heads)), 0.1)")],
        "numbers": [heads(end="return output.to('meta'), weights")],
        "in-place": [heads("self.to_q(x)", end="x += output; return output, weights")],
        "no-graph": [heads(end="return output.detach(), weights")],
    },
}
# Two mistakes at once: the first one found is named, and the other shows once that is fixed.
WRONG["attention"]["no-scale"].append(
    attention(scale="pass", mask="scores = scores.masked_fill(mask, -torch.inf)")
)
WRONG["heads"]["merged-too-early"].append(heads(output="output = heads.reshape(x.shape)"))

RAISED = {
    "attention": {
        "matrices-differ": [attention("scores = torch.bmm(q.flatten(0, -3), k.flatten(0, -3))")],
        "equation-axes": [attention("scores = torch.einsum('bnd,bmd->bnm', q, k)")],
        "fixed-axes": [attention("scores = torch.bmm(q, k.transpose(1, 2))")],
        "permuted-axes": [
            attention("scores = q @ k.permute(0, 2, 1)"),
            attention("scores = q @ k.permute(0, 1, 3, 2)"),
        ],
        "no-axis": [
            attention("scores = q @ k.transpose(2, 3)"),
            attention(weights="weights = scores.softmax(dim=3)"),
            attention(weights="weights = scores.softmax(dim=4)"),
        ],
        "mask-index": [attention(mask="scores[~mask] = -torch.inf")],
        "mask-numbers": [attention(mask="scores = scores.masked_fill(mask.float(), -torch.inf)")],
        "minus-mask": [
            attention(mask="scores = scores.masked_fill(1 - mask, -torch.inf)"),
            attention(mask="scores = scores.masked_fill(-mask, -torch.inf)"),
        ],
        "layer-not-called": [attention(scale="scores = scores / torch.sqrt(q.shape[-1])")],
        "sizes-differ": [attention("scores = q * k.mT")],
        "arguments": [attention(weights="weights = scores.softmax()"), "def attention(q, k, v): return q, k"],
        "ambiguous": [attention().replace("if mask is not None", "if mask")],
    },
    "split": {
        "view-size": [
            split("return x.view(2, 3, n_heads, -1).transpose(1, 2)"),
            split("return x.view(B, n_heads, N // n_heads, D)"),
        ],
        "float-size": [
            split("return x.view(B, N, n_heads, D / n_heads).permute(0, 2, 1, 3)"),
            split("return torch.stack(x.split(D / n_heads, dim=-1), dim=1)"),
        ],
        "unpack": [split("B, N = x.shape")],
    },
    "merge": {
        "view-memory": [merge("return heads.permute(0, 2, 1, 3).view(B, N, H * W)")],
        "permuted-axes": [merge("return heads.permute(0, 2, 1).flatten(2)")],
    },
    "heads": {
        "matrix-shapes": [heads(output="output = self.to_out(heads)")],
        "name": [heads(cut="q, k, v = (split_heads(t, n_heads) for t in (q, k, v))")],
        "unpack": [heads(attend="heads, weights = attention(q, k, v, mask)[0]")],
        "attribute": [
            heads(attend="heads = attention(q, k, v, mask); weights = heads[1]").replace(
                "merge_heads(heads)", "merge_heads(heads)"
            )
        ],
        "super-init": [heads().replace("super().__init__()", "pass")],
    },
}

RIGHT = {
    "attention": [
        attention(),
        attention().replace("if mask is not None", "if mask != None"),
        attention("scores = q @ k.mT", mask="scores = scores.masked_fill(mask == 0, -1e9)"),
        attention(
            "scores = torch.einsum('...nd,...md->...nm', q, k)",
            mask="scores = torch.where(mask, scores, -torch.inf)",
            output="output = torch.einsum('...nm,...mv->...nv', weights, v)",
        ),
        attention(
            "q = q / q.size(-1) ** 0.5; scores = torch.matmul(q, k.transpose(-1, -2))",
            "pass",
            "scores = scores + torch.zeros_like(scores).masked_fill(mask.logical_not(), float('-inf'))",
            "weights = F.softmax(scores, dim=-1)",
        ),
        attention(
            scale="import math; scores = scores / math.sqrt(k.size(-1))",
            mask="scores = scores + (1 - mask.float()) * -1e9",
            end="return [output, weights.detach()]",
        ),
        attention(scale="scores /= q.shape[-1] ** 0.5", mask="scores.masked_fill_(~mask, -torch.inf)"),
        attention(
            mask="scores[~mask.expand_as(scores)] = -torch.inf",
            weights="weights = (scores - scores.amax(-1, keepdim=True)).exp()\n"
            "weights = weights / weights.sum(-1, keepdim=True)",
        ),
        attention(
            mask="pass",
            weights="weights = scores.softmax(-1)\n"
            "if mask is not None: weights = weights * mask\n"
            "weights = weights / weights.sum(-1, keepdim=True)",
        ),
        attention("from einops import einsum; scores = einsum(q, k, '... n d, ... m d -> ... n m')"),
        written(
            "output = F.scaled_dot_product_attention(q, k, v, mask)",
            "eye = torch.eye(k.shape[-2]).expand(*k.shape[:-1], -1)",
            "return output, F.scaled_dot_product_attention(q, k, eye, mask)",
        ),
    ],
    "split": [
        split("return x.view(B, N, n_heads, D // n_heads).permute(0, 2, 1, 3)"),
        split("return x.reshape(B, N, n_heads, -1).transpose(1, 2).contiguous()"),
        split("return x.unflatten(-1, (n_heads, -1)).transpose(-2, -3)"),
        split("return torch.stack(x.chunk(n_heads, dim=-1), dim=1)"),
        split(
            "W = D // n_heads",
            "return torch.stack([x[:, :, h * W:(h + 1) * W] for h in range(n_heads)], dim=1)",
        ),
        split("from einops import rearrange", "return rearrange(x, 'b n (h w) -> b h n w', h=n_heads)"),
        split("return torch.cat([part[:, None] for part in x.split(D // n_heads, 2)], 1)"),
        split("return x.swapaxes(1, 2).reshape(B, n_heads, -1, N).swapaxes(2, 3)"),
    ],
    "merge": [
        merge("return heads.permute(0, 2, 1, 3).reshape(B, N, H * W)"),
        merge("return heads.transpose(1, 2).contiguous().view(B, N, -1)"),
        merge("return heads.transpose(1, 2).flatten(2)"),
        merge("return torch.cat([heads[:, h] for h in range(H)], dim=-1)"),
        merge("return torch.cat(heads.unbind(dim=1), dim=2)"),
        merge("from einops import rearrange", "return rearrange(heads, 'b h n w -> b n (h w)')"),
    ],
    "heads": [
        heads(),
        own("/ q.shape[-1] ** 0.5"),
        own("/ (x.shape[-1] // self.n_heads) ** 0.5"),
        heads().replace("to_", "proj_"),
        heads(end="return [output, weights]"),
        heads(
            "self.to_qkv(x).chunk(3, -1)[0]",
            "self.to_qkv(context).chunk(3, -1)[1]",
            "self.to_qkv(context).chunk(3, -1)[2]",
        ).replace(
            """        self.to_q = nn.Linear(width, width)
        self.to_k = nn.Linear(width, width)
        self.to_v = nn.Linear(width, width)
""",
            "        self.to_qkv = nn.Linear(width, 3 * width)\n",
        ),
        forward(
            "W = x.shape[-1] // self.n_heads",
            "found = []",
            "for h in range(self.n_heads):",
            "    rows = self.to_q(x), self.to_k(context), self.to_v(context)",
            "    q, k, v = (t[..., h * W:(h + 1) * W] for t in rows)",
            "    m = mask if mask is None or mask.dim() < 4 else mask[:, 0]",
            "    found.append(attention(q, k, v, m))",
            "outputs, weights = zip(*found)",
            "return self.to_out(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)",
        ),
        forward(
            "q, k, v = self.to_q(x), self.to_k(context), self.to_v(context)",
            "q, k, v = map(lambda t: t.unflatten(-1, (self.n_heads, -1)).transpose(1, 2), (q, k, v))",
            "out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
            "_, weights = attention(q, k, v, mask)",
            "return self.to_out(out.transpose(1, 2).flatten(2)), weights",
        ),
        forward(
            "q = split_heads(self.to_q(x), self.n_heads)",
            "k = split_heads(self.to_k(context), self.n_heads)",
            "v = split_heads(self.to_v(context), self.n_heads)",
            "heads, weights = attention(q, k, v, mask=mask)",
            "weights = F.dropout(weights, 0.1, self.training)",
            "return self.to_out(merge_heads(heads)), weights",
        ),
    ],
}
